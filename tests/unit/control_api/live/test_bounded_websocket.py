"""How much a live client may send. What happens to one that sends more is tried on real lines (serving/test_worker)."""

from control_api.live.bounded_websocket import PER_MINUTE, Quota


def test_a_page_stays_far_below_the_quota() -> None:
    """A pong every 20 s, and as many changes of rooms as it is let (`live.service.WATCHES`)."""
    quota = Quota(0.0)
    assert all(quota.allows(now / 2) for now in range(600) for _ in range(2))


def test_a_flood_ends_with_the_quota_and_a_new_minute_begins_anew() -> None:
    quota = Quota(100.0)
    assert [quota.allows(101.0) for _ in range(PER_MINUTE + 2)] == [True] * PER_MINUTE + [False] * 2
    assert quota.allows(160.0)
