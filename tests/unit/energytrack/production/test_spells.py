from datetime import timedelta

import pytest

from energytrack.fields import State
from energytrack.metering.limits import Limits
from energytrack.production.spells import MachineSpells, Spell, SpellDay, StateMark, letters_of, mark_of, state_of
from testkit import dates
from testkit.builders.messages import NOW, a_reading

LIMITS = Limits(gap_seconds=300.0, idle_amperes=(3.0, 8.0))
AT = NOW.timestamp()


def taken_in(
    *marks: tuple[float, State | None], start: float = AT, machine: MachineSpells | None = None
) -> MachineSpells:
    """A machine that tells states, each so many seconds after a start."""
    machine = machine or MachineSpells("cnc-0007", dates.PLANT_ZONE)
    before: StateMark | None = None
    for seconds, state in marks:
        after = StateMark(start + seconds, state)
        machine.take(before, after, LIMITS)
        before = after
    return machine


def found(machine: MachineSpells, start: float = AT) -> list[tuple[float, float, str]]:
    return [
        (each.start - start, each.end - start, each.state)
        for day in sorted(machine, key=lambda day: day.start)
        for each in day.day().spells
    ]


def test_a_state_holds_until_the_next_reading() -> None:
    machine = taken_in((0, "running"), (60, "running"), (120, "idle"), (180, "running"), (240, "running"))
    assert found(machine) == [(0, 120, "running"), (120, 180, "idle"), (180, 240, "running")]


def test_nobody_knows_what_a_silent_machine_did() -> None:
    """Longer than a gap, and after a reading that tells nothing."""
    assert found(taken_in((0, "running"), (60, "running"), (361, "running"), (400, "idle"))) == [
        (0, 60, "running"), (361, 400, "running"),
    ]  # fmt: skip
    assert found(taken_in((0, None), (60, "running"), (120, None), (180, "idle"))) == [(60, 120, "running")]


def test_a_spell_is_cut_at_midnight() -> None:
    midnight = dates.at_plant("tue", "00:00").timestamp()
    machine = taken_in((-90, "running"), (-30, "running"), (30, "running"), start=midnight)
    monday, tuesday = sorted((each.day() for each in machine), key=lambda day: day.start)
    assert (monday.date, tuesday.date) == (dates.MONDAY, dates.MONDAY + timedelta(days=1))
    assert [each.seconds for each in (*monday.spells, *tuesday.spells)] == [90.0, 30.0]
    assert monday.through == tuesday.through == midnight + 30


def test_who_counts_from_a_day_on_leaves_the_one_before() -> None:
    midnight = dates.at_plant("tue", "00:00").timestamp()
    machine = MachineSpells("cnc-0007", dates.PLANT_ZONE, since=midnight)
    taken_in((-90, "running"), (-30, "running"), (30, "running"), start=midnight, machine=machine)
    (tuesday,) = (each.day() for each in machine)
    assert (tuesday.date, [each.seconds for each in tuesday.spells]) == (dates.MONDAY + timedelta(days=1), [30.0])


def test_readings_that_are_in_already_add_nothing() -> None:
    """A historian that goes on from a stored day counts some readings again."""
    first = taken_in((0, "running"), (60, "idle"), (120, "running"))
    (day,) = (each.day() for each in first)
    again = MachineSpells("cnc-0007", dates.PLANT_ZONE)
    again.put(day)
    taken_in((60, "idle"), (120, "running"), (180, "failed"), machine=again)
    assert found(again) == [(0, 60, "running"), (60, 120, "idle"), (120, 180, "running")]


def test_days_are_let_go_when_they_are_over_and_stored() -> None:
    midnight = dates.at_plant("tue", "00:00").timestamp()
    machine = taken_in((-60, "running"), (60, "running"), start=midnight)
    machine.settle(before=midnight)
    assert len(list(machine)) == 2  # not stored yet
    for day in machine:
        day.changed = False
    machine.settle(before=midnight)
    assert [day.date for day in machine] == [dates.MONDAY + timedelta(days=1)]
    machine.let_go(after=dates.MONDAY)
    assert list(machine) == []


@pytest.mark.parametrize(
    ("amperes", "state"), [(0.4, "stopped"), (5.0, "idle"), (8.0, "idle"), (14.0, "running"), (None, None)]
)
def test_the_current_tells_the_state_of_a_machine_that_does_not(amperes: float | None, state: State | None) -> None:
    mark = mark_of(a_reading(state=None, current=amperes), AT, LIMITS)
    assert (mark.state, mark.is_estimated) == (state, state is not None)
    assert mark_of(a_reading(state="failed", current=amperes), AT, LIMITS) == StateMark(AT, "failed")
    assert mark_of(a_reading(state=None, current=amperes), AT, Limits()).state is None


def test_states_come_back_from_their_letters() -> None:
    spells = [Spell(0.0, 1.0, "running"), Spell(1.0, 2.0, "idle", is_estimated=True)]
    assert [state_of(letter) for letter in letters_of(spells)] == [("running", False), ("idle", True)]
    assert SpellDay("cnc-0007", dates.MONDAY, 0.0, 2.0, tuple(spells)).spells[1].seconds == 1.0
