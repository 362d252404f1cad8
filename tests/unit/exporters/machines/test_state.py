from datetime import timedelta

import pytest

from energytrack.catalogue import CODES
from energytrack.messages import Insight, Reading, Recommendation
from energytrack.store.telemetry.events import LatestEvent
from exporters.machines.state import (
    DISTINCT_LABELS,
    DeviceState,
    blank_state,
    fold_event,
    fold_insight,
    fold_reading,
    recall,
)
from testkit.builders.messages import NOW, a_reading, an_event, an_insight
from testkit.exporters.devices import PLANT, after

HOME = ("factory-sensor-data", 3)


def start(device_id: str = "cnc-0007") -> DeviceState:
    return blank_state(device_id, HOME, now=NOW, plant=PLANT)


def fold(state: DeviceState, *readings: Reading) -> DeviceState:
    for reading in readings:
        state = fold_reading(state, reading, HOME, now=max(NOW, reading.timestamp), plant=PLANT)
    return state


def advised(*codes: str, seconds: float = 0.0) -> Insight:
    return an_insight(timestamp=after(seconds), recommendations=tuple(Recommendation(code, "") for code in codes))


def test_a_repeated_or_late_reading_changes_nothing() -> None:
    state = fold(start(), a_reading(timestamp=after(2)))
    assert fold(state, a_reading(timestamp=after(2)), a_reading(timestamp=after(1))) is state


def test_the_register_is_the_counter() -> None:
    """An exporter that starts again goes on where the one before stopped."""
    state = fold(start(), a_reading(energy_kwh=48211.0), a_reading(timestamp=after(60), energy_kwh=48211.25))
    assert state.meter is not None
    assert state.meter.totals.billed == pytest.approx(48211.25 * 3.6e6)


def test_type_and_line_of_a_listed_machine_are_the_plant_file_s_whatever_it_says() -> None:
    state = fold(start("cnc-0001"), a_reading("cnc-0001", device_type="lathe", line="line-x"))
    assert (state.identity.device_type, state.identity.line) == ("cnc_machine", "machining-a")


def test_type_and_line_of_another_machine_are_what_it_last_said() -> None:
    state = start("lathe-9")
    assert (state.identity.device_type, state.identity.line) == ("unknown", "unknown")
    state = fold(state, a_reading("lathe-9", device_type="lathe", line="line-x"))
    assert (state.identity.device_type, state.identity.line) == ("lathe", "line-x")
    state = fold(state, a_reading("lathe-9", timestamp=after(1)))
    assert (state.identity.device_type, state.identity.line) == ("lathe", "line-x")


def test_a_device_that_the_plant_does_not_know_is_unknown_not_lost() -> None:
    state = fold(start("pump-9"), a_reading("pump-9"))
    assert (state.identity.device_type, state.identity.line) == ("unknown", "unknown")
    assert state.reading is not None


def test_one_timestamp_hours_ahead_does_not_freeze_the_machine() -> None:
    """The clock that ran ahead is set right: readings count again, and none of the energy counts twice."""
    ahead = fold(start(), a_reading(energy_kwh=100.0), a_reading(timestamp=after(1), energy_kwh=100.01))
    ahead = fold_reading(
        ahead, a_reading(timestamp=after(20 * 3600), energy_kwh=100.02), HOME, now=after(2), plant=PLANT
    )
    right = fold_reading(ahead, a_reading(timestamp=after(3), energy_kwh=100.03), HOME, now=after(3), plant=PLANT)
    right = fold_reading(right, a_reading(timestamp=after(4), energy_kwh=100.04), HOME, now=after(4), plant=PLANT)
    assert right.reading is not None
    assert right.reading.timestamp == after(4)
    assert right.meter is not None
    assert right.meter.totals.billed <= 100.04 * 3.6e6 + 1e-6


def test_the_newest_word_on_the_state_holds_wherever_it_comes_from() -> None:
    state = fold(start(), a_reading(state="running"))
    state = fold_event(state, an_event("state_changed", state="idle", timestamp=after(1)), now=NOW)
    assert state.state == "idle"
    late = an_event("state_changed", event_id="late", state="failed", timestamp=after(-5))
    assert fold_event(state, late, now=NOW).state == "idle"
    assert fold(state, a_reading(timestamp=after(2), state=None)).state == "idle"
    assert fold(state, a_reading(timestamp=after(2), state="stopped")).state == "stopped"


def test_events_are_counted_once_and_their_kinds_keep_their_times() -> None:
    state = start()
    for event in (
        an_event("fault_code", event_id="a", code="W-1"),
        an_event("fault_code", event_id="b", code="W-2", timestamp=after(1)),
        an_event("fault_code", event_id="a", code="W-1"),
        an_event("fault_code", event_id="c", code="W-1", timestamp=after(-9)),
    ):
        state = fold_event(state, event, now=NOW)
    assert state.fault_codes.count == 3
    assert dict(state.fault_codes.last) == {("W-1",): NOW.timestamp(), ("W-2",): after(1).timestamp()}


def test_an_order_s_answer_is_kept_by_action_and_outcome() -> None:
    state = fold_event(start(), an_event("command_result", outcome="refused", state="running"), now=NOW)
    assert dict(state.commands.last) == {("shutdown", "refused"): NOW.timestamp()}
    assert state.state == "running"


def test_failures_and_maintenance_are_kept() -> None:
    state = fold_event(start(), an_event("failure", mode="air_leak"), now=NOW)
    state = fold_event(state, an_event("maintenance_started"), now=NOW)
    state = fold_event(state, an_event("maintenance_done", component="hose"), now=NOW)
    assert (state.failures.count, dict(state.failures.last)) == (1, {("air_leak",): NOW.timestamp()})
    assert dict(state.maintenance.last) == {("hose",): NOW.timestamp()}


def test_a_gateway_that_invents_codes_cannot_flood_prometheus() -> None:
    state = start()
    for n in range(100):
        state = fold_event(state, an_event("fault_code", event_id=str(n), code=f"W-{n}"), now=NOW)
    assert len(state.fault_codes.last) == DISTINCT_LABELS
    assert state.fault_codes.count == 100


def test_a_recommendation_counts_when_it_opens_not_while_it_stays() -> None:
    state = fold_insight(start(), advised(seconds=0), now=NOW)
    for second, codes in enumerate([("inspect_24h",), ("inspect_24h",), (), ("inspect_24h", "check_leaks")], start=1):
        state = fold_insight(state, advised(*codes, seconds=second), now=NOW)
    assert state.advice is not None
    openings = {code: count for (code,), count in state.advice.openings}
    assert openings["inspect_24h"] == 2
    assert openings["check_leaks"] == 1
    assert set(openings) == set(CODES), "counters start at zero for the whole catalogue"


def test_what_is_open_at_the_first_insight_counts_as_open_already() -> None:
    state = fold_insight(start(), advised("inspect_24h"), now=NOW)
    assert state.advice is not None
    assert state.advice.active == {"inspect_24h"}
    assert sum(count for _, count in state.advice.openings) == 0


def test_codes_beyond_the_catalogue_are_counted_up_to_a_bound() -> None:
    state = fold_insight(start(), advised(), now=NOW)
    for n in range(100):
        state = fold_insight(state, advised(f"new-{n}", seconds=n + 1), now=NOW)
    assert state.advice is not None
    assert len(state.advice.openings) == len(CODES) + DISTINCT_LABELS


def test_a_repeated_insight_changes_nothing() -> None:
    state = fold_insight(start(), advised("inspect_24h", seconds=1), now=NOW)
    assert fold_insight(state, advised(seconds=1), now=NOW) is state
    assert fold_insight(state, advised(seconds=-timedelta(hours=1).total_seconds()), now=NOW) is state


def test_what_is_recalled_is_older_than_what_was_just_heard() -> None:
    """A failure that the store knows already, too, stays counted once and keeps its time."""
    failed = an_event("failure", timestamp=after(5))
    state = fold_event(start(), failed, now=after(5))
    mode = getattr(failed, "mode")  # noqa: B009  # one kind of many
    past = [LatestEvent("cnc-0007", "failure", mode, NOW), LatestEvent("cnc-0007", "failure", "other", NOW)]
    recalled = recall(state, past)
    assert recalled.failures.count == 1
    assert dict(recalled.failures.last) == {(mode,): after(5).timestamp(), ("other",): NOW.timestamp()}
    assert recalled.recalled


def test_parts_do_not_push_out_the_events_that_are_remembered() -> None:
    """There may be as many as parts: a failure that is delivered again after a hundred of them counts once."""
    failure = an_event("failure", event_id="f")
    state = fold_event(start(), failure, now=NOW)
    for n in range(100):
        state = fold_event(state, an_event("parts_finished", event_id=f"p{n}"), now=NOW)
    assert fold_event(state, failure, now=NOW) is state
    assert state.failures.count == 1
