"""What holds for the exporters whatever the machines send, in whatever order, however often."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from energytrack.events import DeviceEvent
from energytrack.fields import STATES
from energytrack.messages import Factor, Insight, Message, Reading, Recommendation
from exporters.machines.fleet import Fleet
from exporters.metrics.page import MetricsPage
from exporters.subjects import COLUMNS
from testkit.builders.messages import NOW, a_reading, an_event, an_insight
from testkit.exporters.devices import PATIENCE, PLANT, deliver, record_of
from testkit.exporters.reference import parsed, reference

IDS = st.sampled_from(["cnc-0001", "press-0001", "pump-1"])
SECONDS = st.integers(-600, 0).map(lambda seconds: NOW + timedelta(seconds=seconds))
VALUES = st.none() | st.floats(-1e6, 1e6)
WORDS = st.text(max_size=12).filter(bool)


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    return a_reading(
        draw(IDS),
        timestamp=draw(SECONDS),
        temperature=draw(VALUES),
        pressure=draw(VALUES),
        current=draw(VALUES),
        energy_kwh=draw(st.none() | st.floats(0, 1e6)),
        state=draw(st.none() | st.sampled_from(STATES)),
        line=draw(st.none() | WORDS),
        signals=draw(st.dictionaries(WORDS, VALUES, max_size=3)),
    )


@st.composite
def insights(draw: st.DrawFn) -> Insight:
    codes = draw(st.lists(st.sampled_from(["inspect_24h", "check_leaks", "of another version"]), max_size=3))
    return an_insight(
        draw(IDS),
        timestamp=draw(SECONDS),
        failure_probability=draw(st.none() | st.floats(0, 1)),
        recommendations=tuple(Recommendation(code, "") for code in codes),
        top_factors=tuple(Factor(draw(WORDS), draw(st.floats(-1, 1))) for _ in codes),
    )


@st.composite
def events(draw: st.DrawFn) -> DeviceEvent:
    kind, field, words = draw(
        st.sampled_from(
            [
                ("fault_code", "code", WORDS),
                ("failure", "mode", WORDS),
                ("maintenance_done", "component", WORDS),
                ("state_changed", "state", st.sampled_from(STATES)),
                ("command_result", "outcome", st.sampled_from(["done", "refused"])),
            ]
        )
    )
    event_id = f"e{draw(st.integers(0, 10**9))}"
    return an_event(kind, draw(IDS), event_id=event_id, timestamp=draw(SECONDS), **{field: draw(words)})


MESSAGES = st.lists(readings() | insights() | events(), max_size=20)


def page(fleet: Fleet) -> bytes:
    return MetricsPage(COLUMNS).render(fleet.snapshot(NOW))


def counters(fleet: Fleet) -> dict[tuple[str, object], float]:
    """Every counter by device and label; type and line left out, because a machine may move to another line."""
    return {
        (name, tuple(pair for pair in labels if pair[0] not in {"line", "device_type"})): value
        for (_, kind, _), samples in parsed(page(fleet)).items()
        if kind == "counter"
        for (name, labels), value in samples.items()
    }


@given(MESSAGES, st.data())
@settings(deadline=None)
def test_replaying_messages_changes_nothing(messages: list[Message], data: st.DataObject) -> None:
    fleet = Fleet(PLANT, PATIENCE)
    deliver(fleet, [record_of(message) for message in messages], NOW)
    before = fleet.snapshot(NOW)
    start = data.draw(st.integers(0, len(messages)))
    deliver(fleet, [record_of(message) for message in messages[start:]], NOW)
    assert fleet.snapshot(NOW) == before


@given(MESSAGES)
@settings(deadline=None)
def test_counters_never_fall(messages: list[Message]) -> None:
    fleet = Fleet(PLANT, PATIENCE)
    before: dict[tuple[str, object], float] = {}
    for message in messages:
        deliver(fleet, [record_of(message)], NOW)
        now = counters(fleet)
        assert all(now[series] >= value for series, value in before.items() if series in now)
        before |= now


@given(MESSAGES, st.integers(1, 20))
@settings(deadline=None)
def test_how_messages_are_batched_makes_no_difference(messages: list[Message], size: int) -> None:
    whole, parts = Fleet(PLANT, PATIENCE), Fleet(PLANT, PATIENCE)
    deliver(whole, [record_of(message) for message in messages], NOW)
    for start in range(0, len(messages), size):
        deliver(parts, [record_of(message) for message in messages[start : start + size]], NOW)
    assert whole.snapshot(NOW) == parts.snapshot(NOW)


@given(MESSAGES)
@settings(deadline=None)
def test_the_page_says_what_prometheus_client_would_say(messages: list[Message]) -> None:
    fleet = Fleet(PLANT, PATIENCE)
    deliver(fleet, [record_of(message) for message in messages], NOW)
    snapshot = fleet.snapshot(NOW)
    assert parsed(page(fleet)) == parsed(reference(COLUMNS, snapshot))
