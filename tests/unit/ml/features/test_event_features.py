from datetime import timedelta

import numpy as np

from ml.features.event_features import EventFeatures
from ml.features.recent_events import NEVER
from testkit.builders.messages import an_event
from testkit.builders.recordings import START, START_MS, a_spec

SPEC = a_spec()
HOUR = 3_600_000


def feature(events: EventFeatures, name: str, hour: float) -> float:
    """Of the only device, so many hours after the beginning."""
    seen = events.look(SPEC, np.array([0]), np.array([START_MS + round(hour * HOUR)]), np.array([NEVER]))
    return float(seen[0, SPEC.names.index(name) - SPEC.of_readings])


def test_warnings_are_counted_by_code_and_span() -> None:
    """Codes outside the vocabulary are counted as other, and forgotten after the longest span."""
    events = EventFeatures(1)
    for hour, code in ((1.0, "hot"), (23.5, "hot"), (24.0, "never heard of"), (30.0, "loose")):
        events.note(0, an_event("fault_code", timestamp=START + timedelta(hours=hour), code=code))
    day = 24.0
    assert feature(events, "code_hot_24h", day) == 2
    assert feature(events, "code_other_24h", day) == 1
    assert feature(events, "codes_1h", day) == 2
    assert feature(events, "codes_24h", day + 70 / 60) == 2
    assert feature(events, "hours_since_code", day + 1) == 1.0


def test_a_repair_or_a_failure_ends_the_count_of_the_warnings_before_it() -> None:
    """They were about what has been dealt with; the count of the last day still contains them."""
    events = EventFeatures(1)

    def counted(hour: float) -> tuple[float, float, float]:
        names = ("codes_24h", "codes_since_repair_6h", "codes_since_repair_72h")
        return (
            feature(events, names[0], hour),
            feature(events, names[1], hour),
            feature(events, names[2], hour),
        )

    for hour in (1.0, 5.0, 8.0, 12.0, 13.0):
        events.note(0, an_event("fault_code", timestamp=START + timedelta(hours=hour), code="hot"))
    assert counted(9) == (3, 2, 3)
    events.note(0, an_event("maintenance_done", timestamp=START + timedelta(hours=12), component="belt"))
    assert counted(11) == (3, 1, 3)
    assert counted(14) == (5, 1, 1)
    events.note(0, an_event("failure", timestamp=START + timedelta(hours=15)))
    assert counted(15) == (5, 0, 0)
    events.note(0, an_event("fault_code", timestamp=START + timedelta(hours=16), code="never heard of"))
    assert counted(40) == (0, 0, 1)


def test_time_since_maintenance_and_failure() -> None:
    """The latest one before the moment counts, of each component and of all."""
    events = EventFeatures(1)
    for hour, component in ((1, "bearing"), (5, "belt"), (9, "bearing")):
        events.note(0, an_event("maintenance_done", timestamp=START + timedelta(hours=hour), component=component))
    events.note(0, an_event("failure", timestamp=START + timedelta(hours=8)))
    assert feature(events, "hours_since_maintenance_bearing", 6) == 5
    assert feature(events, "hours_since_maintenance_belt", 6) == 1
    assert feature(events, "hours_since_maintenance", 10) == 1
    assert feature(events, "hours_since_failure", 10) == 2


def test_a_cleared_device_knows_no_events_and_others_fit_in() -> None:
    """The numbers are counts of nothing, and hours since what never happened are not known."""
    events = EventFeatures(1)
    for kind in ("fault_code", "maintenance_done", "failure"):
        events.note(0, an_event(kind, timestamp=START))
    events.clear(np.array([0]))
    events.grow(2)
    events.note(1, an_event("failure", timestamp=START))
    assert feature(events, "codes_24h", 1) == 0
    assert np.isnan(feature(events, "hours_since_maintenance", 1))
    assert np.isnan(feature(events, "hours_since_failure", 1))
