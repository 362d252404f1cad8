from energytrack.fields import State
from energytrack.production.rules import ProductionRules, StopReason
from energytrack.production.spells import Spell
from energytrack.production.stops import (
    Stop,
    StopExplanation,
    by_length,
    by_machine,
    explained,
    pareto,
    planned_down,
    stops_of,
    within_day,
)

RULES = ProductionRules()
SHIFT = [(0.0, 10_000.0)]


def stops_between(*pieces: tuple[float, float, State]) -> list[Spell]:
    return [Spell(*piece) for piece in pieces]


def stops(*pieces: tuple[float, float, State], planned: list[tuple[float, float]] = SHIFT) -> tuple[Stop, ...]:
    return stops_of(stops_between(*pieces), planned, until=10_000.0)


def explanation(code: str, start: float, reason_id: str = "01A", note: str = "") -> StopExplanation:
    return StopExplanation(
        reason_id=reason_id, device_id="cnc-0007", start=start, code=code, note=note, by="grafana:maria"
    )


def test_states_that_follow_each_other_are_one_stop() -> None:
    """Idle, failed, repaired, idle again: once, and as grave as its gravest."""
    (stop,) = stops(
        (0, 100, "running"), (100, 200, "idle"), (200, 300, "failed"), (300, 400, "maintenance"), (400, 500, "idle"),
        (500, 600, "running"),
    )  # fmt: skip
    assert (stop.start, stop.end, stop.seconds, stop.state, stop.is_open) == (100, 500, 400, "failed", False)


def test_a_stop_counts_in_planned_time_and_goes_on_after_a_break() -> None:
    """After a night a new one begins, and outside the shift there is none."""
    planned = [(0.0, 1000.0), (1900.0, 3000.0), (40_000.0, 50_000.0)]
    found = stops((500, 45_000, "idle"), planned=planned)
    assert [(each.start, each.end, each.seconds) for each in found] == [(500, 3000, 1600), (40_000, 45_000, 5000)]
    assert stops((1000, 1900, "idle"), planned=planned) == ()


def test_unknown_time_ends_a_stop() -> None:
    found = stops((0, 100, "idle"), (400, 500, "idle"))
    assert [(each.start, each.end) for each in found] == [(0, 100), (400, 500)]


def test_a_stop_up_to_now_is_open() -> None:
    (stop,) = stops((9000, 10_000, "stopped"))
    assert stop.is_open


def test_the_last_reason_of_a_person_holds_else_what_the_machine_tells() -> None:
    every = stops((0, 100, "failed"), (200, 300, "maintenance"), (400, 500, "idle"), (600, 700, "failed"))
    found = explained(
        every, [explanation("tool", 410), explanation("jam", 400, "01B", "clamped"), explanation("gone", 600)], RULES
    )
    assert [None if each.reason is None else each.reason.code for each in found] == [
        "breakdown", "maintenance", "jam", "gone",
    ]  # fmt: skip
    assert found[2].explanation is not None
    assert found[2].explanation.note == "clamped"
    assert explained(stops((0, 100, "idle")), [], RULES)[0].reason is None


def test_what_machines_tell_has_the_name_that_the_plant_file_gives_it() -> None:
    """So that it is one reason, whoever gives it."""
    broken, service = StopReason("breakdown", "Out of order"), StopReason("maintenance", "Service")
    rules = ProductionRules(reasons=(broken, service))
    found = explained(stops((0, 100, "failed"), (200, 300, "maintenance")), [], rules)
    assert [each.reason for each in found] == [broken, service]
    assert planned_down(found) == ()


def test_planned_reasons_and_planned_maintenance_are_no_loss() -> None:
    """A repair after a failure is one."""
    every = stops(
        (0, 100, "idle"), (100, 300, "maintenance"), (300, 400, "running"), (400, 500, "failed"),
        (500, 600, "maintenance"), (600, 700, "running"), (700, 800, "idle"),
    )  # fmt: skip
    assert planned_down(explained(every, [explanation("no_order", 700)], RULES)) == ((100, 300), (700, 800))


def test_reasons_come_by_what_they_took() -> None:
    every = stops((0, 100, "idle"), (200, 500, "idle"), (600, 1200, "failed"), (1300, 1400, "idle"))
    losses = pareto(explained(every, [explanation("tool", 0), explanation("tool", 200)], RULES))
    assert [(each.code, each.stops, each.seconds) for each in losses] == [
        ("breakdown", 1, 600), ("tool", 2, 400), (None, 1, 100),
    ]  # fmt: skip
    assert [round(each.cumulative, 3) for each in losses] == [0.545, 0.909, 1.0]
    assert pareto([]) == ()


def test_a_stop_over_midnight_has_its_time_on_both_days_and_counts_once() -> None:
    every = explained(stops((50, 100, "idle"), (200, 500, "failed")), [], RULES)
    first, second = within_day(every, (0, 300)), within_day(every, (300, 600))
    assert [(each.stop.seconds, each.is_carried) for each in first] == [(50, False), (100, False)]
    assert [(each.stop.seconds, each.is_carried) for each in second] == [(200, True)]
    assert [(each.stops, each.seconds) for each in pareto((*first, *second))] == [(1, 300), (1, 50)]
    assert [(each.stops, each.seconds) for each in pareto(second)] == [(0, 200)]
    assert within_day(every, (600, 700)) == ()


def test_short_stops_are_micro_stops_once_they_are_over() -> None:
    long, micro = by_length(stops((0, 119, "idle"), (200, 320, "idle"), (9950, 10_000, "idle")), 120.0)
    assert [each.seconds for each in long] == [120.0]
    assert micro == (1, 119.0)


def test_reasons_by_machine() -> None:
    assert by_machine([explanation("tool", 1.0), explanation("jam", 2.0)]).keys() == {"cnc-0007"}
