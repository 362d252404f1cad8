import numpy as np

from ml.features.recent_events import MOST_NAMES, NEVER, RecentEvents

HOUR = 3_600_000
ONE = np.array([0])


def counts(events: RecentEvents, at_ms: int, *, since_ms: int = NEVER, within_ms: int = 24 * HOUR) -> list[float]:
    """Of "a", of "b", and of all other names."""
    known = events.lookup(ONE, np.array([at_ms]), since_ms=np.array([since_ms]), among=("a", "b"))
    return [float(count) for count in known.counts(within_ms)[0]]


def test_events_are_counted_by_name_up_to_a_moment() -> None:
    """What comes later is not known yet; what is before `since` is not seen."""
    events = RecentEvents(1, depth=4)
    for name, hour in (("a", 1), ("x", 2), ("a", 3)):
        events.note(0, name, hour * HOUR)
    assert counts(events, 2 * HOUR) == [1, 0, 1]
    assert counts(events, 3 * HOUR) == [2, 0, 1]
    assert counts(events, 3 * HOUR, since_ms=HOUR) == [1, 0, 1]
    assert counts(events, 3 * HOUR, within_ms=HOUR) == [1, 0, 0]


def test_hours_since_the_last_event_of_each_kind() -> None:
    events = RecentEvents(1, depth=4)
    events.note(0, "a", HOUR)
    events.note(0, "a", 2 * HOUR)
    known = events.lookup(ONE, np.array([5 * HOUR]), since_ms=np.array([NEVER]), among=("a", "b"))
    np.testing.assert_array_equal(known.hours()[0], [3.0, np.nan, np.nan])


def test_events_are_counted_by_span_since_an_hour_of_each_row() -> None:
    """An event of just that age, or as old as a span is long, is left out; where there is no hour (NaN), all count."""
    events = RecentEvents(1, depth=4)
    for name, hour in (("a", 1), ("b", 2), ("a", 3)):
        events.note(0, name, hour * HOUR)
    known = events.lookup(np.array([0, 0]), np.array([5 * HOUR] * 2), since_ms=np.array([NEVER] * 2), among=("a",))
    repaired = np.array([3.0, np.nan])
    totals = known.totals([HOUR, 3 * HOUR, 24 * HOUR], since_hours=repaired)
    np.testing.assert_array_equal(totals, [[0, 1, 1], [0, 1, 3]])
    assert known.totals([], since_hours=repaired).shape == (2, 0)


def test_hours_are_known_of_events_within_a_span_only() -> None:
    events = RecentEvents(1, depth=4)
    events.note(0, "a", HOUR)
    known = events.lookup(np.array([0]), np.array([4 * HOUR]), since_ms=np.array([NEVER]), among=("a",))
    np.testing.assert_array_equal(known.hours(3 * HOUR), [[np.nan, np.nan]])
    np.testing.assert_array_equal(known.hours(3 * HOUR + 1), [[3.0, np.nan]])


def test_each_event_counts_once_and_the_oldest_give_way() -> None:
    """Events come twice where a batch is taken again, and in any order."""
    events = RecentEvents(1, depth=2)
    for hour in (3, 3, 1, 2):
        events.note(0, "a", hour * HOUR)
    assert counts(events, 4 * HOUR) == [2, 0, 0]
    assert counts(events, 1 * HOUR) == [0, 0, 0]


def test_names_without_end_do_not_fill_the_memory() -> None:
    """Beyond the limit they are counted, but no longer distinguished."""
    events = RecentEvents(1, depth=8)
    for number in range(MOST_NAMES + 10):
        events.note(0, f"code {number}", number)
    events.note(0, "a", 2 * MOST_NAMES)
    assert counts(events, 2 * MOST_NAMES) == [0, 0, 8]


def test_a_cleared_device_knows_nothing_and_others_fit_in() -> None:
    events = RecentEvents(1, depth=2)
    events.note(0, "a", HOUR)
    events.clear(ONE)
    assert counts(events, 2 * HOUR) == [0, 0, 0]
    events.grow(2)
    events.note(1, "a", HOUR)
    assert counts(events, 2 * HOUR) == [0, 0, 0]
