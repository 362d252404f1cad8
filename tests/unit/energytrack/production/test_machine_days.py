from datetime import timedelta

from msgspec.structs import replace

from energytrack.plant import Place
from energytrack.production.machine_days import MachineDay, MachineHistory, machine_days, quarters_at_work
from energytrack.production.rules import KindRules, ProductionRules
from energytrack.production.spells import Spell
from testkit.builders.ledger import DAY, a_day

LEDGER = a_day()
START, END = LEDGER.start, LEDGER.end
SIX = START + 6 * 3600.0
RULES = ProductionRules()


def a_history(**fields: object) -> MachineHistory:
    """A shift from six to seven: at work, but for a micro-stop and a stop of six minutes."""
    spells = (
        Spell(SIX - 600, SIX + 900, "running"), Spell(SIX + 900, SIX + 960, "idle"),
        Spell(SIX + 960, SIX + 1800, "running"), Spell(SIX + 1800, SIX + 2160, "idle"),
        Spell(SIX + 2160, SIX + 3000, "running"),
    )  # fmt: skip
    given = MachineHistory(
        "cnc-0007", Place("cnc_machine", "machining-a"), spells, ((SIX, SIX + 3600.0),), (), END, 90.0
    )
    return replace(given, **fields)


def the_day(of: MachineHistory, rules: ProductionRules = RULES, **columns: object) -> MachineDay:
    (day,) = machine_days(of, [(DAY, (START, END), replace(LEDGER, **columns))], rules)
    return day


def counted(*parts: float) -> tuple[float | None, ...]:
    """Parts of the quarter hours from six on."""
    return (*(None,) * 24, *parts, *(None,) * (72 - len(parts)))


def test_a_day_has_its_times_parts_and_stops() -> None:
    day = the_day(a_history(), parts=counted(10, 9, 6, 9), scrap=counted(1, 0, 0, 0))
    amounts = day.amounts
    assert (amounts.planned_seconds, amounts.running_seconds, amounts.unknown_seconds) == (3600, 2580, 600)
    assert amounts.availability == 2580 / 3000
    assert (amounts.parts, amounts.ideal_seconds) == (34, 34 * 90)
    assert amounts.counted_seconds == 2580
    assert amounts.quality == 33 / 34
    assert [(each.stop.start - SIX, each.stop.seconds) for each in day.stops] == [(1800, 360)]
    assert day.micro == (1, 60)


def test_parts_outside_planned_time_are_left_out_with_their_time() -> None:
    parts = list(counted(10, 9, 6, 9))
    parts[23] = 7.0
    assert the_day(a_history(), parts=tuple(parts)).amounts.parts == 34


def test_without_a_count_of_rejected_parts_quality_is_not_known_unless_it_is_assumed() -> None:
    parts = counted(10, 9, 6, 9)
    assert the_day(a_history(), parts=parts).amounts.quality is None
    rules = ProductionRules(types={"cnc_machine": KindRules(good_share=0.98)})
    assert round(the_day(a_history(), rules, parts=parts).amounts.quality or 0.0, 9) == 0.98


def test_without_an_ideal_cycle_performance_is_not_known() -> None:
    assert the_day(a_history(cycle_seconds=None), parts=counted(10, 9, 6, 9)).amounts.performance is None


def test_a_type_may_have_its_own_shortest_stop() -> None:
    rules = ProductionRules(types={"cnc_machine": KindRules(stop_minutes=10.0)})
    day = the_day(a_history(), rules)
    assert (day.stops, day.micro) == ((), (2, 420.0))


def test_a_stop_over_midnight_is_listed_on_its_first_day_and_takes_time_on_both() -> None:
    night = a_history(
        spells=(Spell(END - 600, END + 900, "idle"),), planned=((END - 3600, END + 3600),), until=END + 86_400
    )
    days = [(DAY, (START, END), None), (DAY + timedelta(days=1), (END, END + 86_400), None)]
    first, second = machine_days(night, days, RULES)
    assert ([each.stop.seconds for each in first.stops], second.stops) == ([1500], ())
    assert [each.stop.seconds for each in (*first.stood, *second.stood)] == [600, 900]


def test_a_day_without_ledger_and_spells_is_unknown() -> None:
    (day,) = machine_days(a_history(spells=()), [(DAY, (START, END), None)], RULES)
    assert (day.amounts.unknown_seconds, day.amounts.availability) == (3600, None)


def test_quarter_hours_at_work() -> None:
    found = list(quarters_at_work(a_history().spells, replace(LEDGER, parts=counted(10, 9))))
    assert found == [(900, 10), (840, 9)]
