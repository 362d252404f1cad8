"""When a machine counts as silent."""

from energytrack.machines.silence import next_interval, silent_after


def learnt(*gaps: float) -> float | None:
    interval: float | None = None
    for gap in gaps:
        interval = next_interval(interval, gap)
    return interval


def test_two_missed_intervals_and_ten_seconds_at_least() -> None:
    assert [silent_after(interval) for interval in (None, 1.0, 5.0, 60.0)] == [10.0, 10.0, 10.0, 120.0]


def test_an_outage_does_not_make_an_interval_long() -> None:
    """One gap of seven minutes, and a machine that sends every second is as soon missed as before."""
    assert silent_after(learnt(1, 1, 420, 1, 1)) == 10.0


def test_an_interval_that_changes_is_learnt() -> None:
    assert learnt(1, 60, 60, 60, 60) == 60.0
    assert 1.0 <= (learnt(60, *[1] * 20) or 0) < 2.0


def test_bursts_do_not_make_an_interval_short() -> None:
    """Two readings a tenth of a second apart, then nothing for a minute, again and again."""
    assert silent_after(learnt(60, 0.1, 60, 0.1)) > 60.0
