from datetime import timedelta

import numpy as np

from energytrack.events import DeviceEvent
from energytrack.recording import Label
from ml.datasets.labels import EXCLUDED, RowLabels, from_failures, from_stretches
from testkit.builders.messages import an_event
from testkit.builders.recordings import START, START_MS

HOUR = 3_600_000


def hourly(*happened: DeviceEvent, hours: int = 48, horizon: int = 5, settle: int = 0) -> RowLabels:
    """Labels of one machine's hours 0 to `hours`."""
    at = START_MS + np.arange(hours + 1) * HOUR
    index = {"cnc-0007": 0}
    return from_failures(
        np.zeros(len(at), dtype=np.int64), at, happened, index, horizon_ms=horizon * HOUR, settle_ms=settle * HOUR
    )


def at(kind: str, hour: float) -> DeviceEvent:
    return an_event(kind, timestamp=START + timedelta(hours=hour))


def hours_of(found: RowLabels, label: int) -> list[int]:
    return np.flatnonzero(found.label == label).tolist()


def test_rows_within_the_horizon_before_a_failure_are_positive() -> None:
    """The horizon counts, the moment of the failure does not: it is no forecast."""
    found = hourly(at("failure", 10), at("maintenance_done", 12))
    assert hours_of(found, 1) == [5, 6, 7, 8, 9]
    assert found.event[5:10].tolist() == [0] * 5
    assert found.events.tolist() == [[0, START_MS + 10 * HOUR, START_MS + 12 * HOUR]]


def test_a_machine_that_is_down_has_no_label() -> None:
    """From the failure to the end of its repair, and for the time that it needs to settle."""
    found = hourly(at("failure", 10), at("maintenance_started", 11), at("maintenance_done", 13), settle=2)
    assert [hour for hour in hours_of(found, EXCLUDED) if hour < 40] == [10, 11, 12, 13, 14, 15]


def test_planned_maintenance_is_no_failure_but_downtime() -> None:
    """Nothing failed, and nothing is asked of a machine that is worked on."""
    found = hourly(at("maintenance_started", 10), at("maintenance_done", 12))
    assert hours_of(found, 1) == []
    assert [hour for hour in hours_of(found, EXCLUDED) if hour < 40] == [10, 11, 12]


def test_the_end_of_the_record_is_censored() -> None:
    """Nobody knows what came within the horizon after the last hours, unless a failure is on record."""
    assert hours_of(hourly(), EXCLUDED) == [44, 45, 46, 47, 48]
    assert hours_of(hourly(at("failure", 46)), 1) == [41, 42, 43, 44, 45]


def test_a_failure_that_is_reported_twice_is_one() -> None:
    """Events of a machine that is down already are the same failure."""
    found = hourly(at("failure", 10), at("failure", 10), at("failure", 11), at("maintenance_done", 12))
    assert len(found.events) == 1


def test_a_repair_that_nobody_reports_ends_after_a_day() -> None:
    """A forgotten message does not hide the rest of a machine's life."""
    found = hourly(at("failure", 10), at("failure", 40))
    assert found.events[:, 1].tolist() == [START_MS + 10 * HOUR, START_MS + 40 * HOUR]
    assert hours_of(found, 1) == [5, 6, 7, 8, 9, 35, 36, 37, 38, 39]


def test_a_failure_repaired_in_the_same_moment_still_counts() -> None:
    """Some records know the day of a failure and of its repair, and no more."""
    found = hourly(at("maintenance_done", 10), at("failure", 10))
    assert hours_of(found, 1) == [5, 6, 7, 8, 9]


def test_labelled_stretches_count_with_their_ends() -> None:
    """Rows of other devices do not."""
    moments = START_MS + np.arange(6) * HOUR
    stretch = Label("b", START + timedelta(hours=2), START + timedelta(hours=3), "abnormal")
    device = np.array([1, 1, 1, 1, 1, 0])
    found = from_stretches(device, np.append(moments[:5], moments[2]), [stretch], {"a": 0, "b": 1})
    assert found.label.tolist() == [0, 0, 1, 1, 0, 0]
    assert found.event.tolist() == [-1, -1, 0, 0, -1, -1]
