"""Events with ids that follow from what happened."""

from datetime import timedelta

from ulid import ULID

from simulator.plant.events import EventContext, event_id, milliseconds, moment
from testkit.builders.plants import a_plant
from testkit.dates import NOW

AT_MS = milliseconds(NOW)
DEVICES = a_plant(12).devices


def test_a_tick_that_is_computed_twice_tells_the_same_events() -> None:
    """And rolls the same dice for each machine."""
    first, again = (EventContext(7, AT_MS, DEVICES) for _ in range(2))
    assert first.head(3, "failure") == again.head(3, "failure")
    assert first.chance(3).random() == again.chance(3).random()


def test_whatever_differs_has_another_id() -> None:
    """The plant, the moment, the machine, what happened."""
    ids = {
        EventContext(seed, at_ms, DEVICES).head(device, *what)["event_id"]
        for seed in (7, 8)
        for at_ms in (AT_MS, AT_MS + 1)
        for device in (0, 1)
        for what in (("failure",), ("state", "failed"))
    }
    assert len(ids) == 16


def test_words_do_not_run_together() -> None:
    assert event_id(AT_MS, "ab", "c") != event_id(AT_MS, "a", "bc")


def test_ids_sort_by_time() -> None:
    """They are ULIDs of the moment."""
    made = event_id(AT_MS, "failure")
    assert ULID.from_str(made).datetime == NOW
    assert made < event_id(AT_MS + 1, "failure")


def test_times_go_both_ways_without_loss() -> None:
    at = NOW + timedelta(milliseconds=777)
    assert moment(milliseconds(at)) == at
