"""Shifts, breaks, jobs, and machines that are left idling."""

from datetime import date, timedelta

import numpy as np
import pytest

from simulator.plant import schedule
from simulator.plant.schedule import BREAK, FREE, OFF, UNTIL_RESTART, UNTIL_SHIFT, WORK, Calendar
from testkit.builders.plants import MONDAY, NIGHT, a_factory, a_plant, last, opened, ticks
from testkit.dates import CLOCKS_BACK, CLOCKS_FORWARD, at_plant, first_monday

DAY = timedelta(days=1)
EVENING = at_plant("mon", "21:55")
"""Five minutes before the late shift of Berlin ends."""


@pytest.mark.parametrize("start", [first_monday(7), CLOCKS_BACK - DAY, CLOCKS_FORWARD - DAY])
def test_the_calendar_agrees_with_the_plant(start: date) -> None:
    """Work is when the plant file says that a line's people are at work, also when clocks change."""
    plant = a_plant(300)
    calendar = Calendar(plant)
    for quarter in range(7 * 96):
        at = at_plant(start, "00:00") + timedelta(minutes=15 * quarter)
        hours = calendar.hours(calendar.local(at))
        assert [plant.in_shift(line, at) for line in plant.lines] == (hours == WORK).tolist(), at


def test_a_break_is_no_work_and_not_the_end_of_the_day() -> None:
    """At a quarter past twelve people eat."""
    calendar = Calendar(a_plant(300))
    noon = calendar.hours(calendar.local(at_plant("mon", "12:10")))
    assert noon[0] == BREAK
    assert calendar.hours(calendar.local(NIGHT))[0] == OFF


def test_after_work_machines_are_switched_off_or_left_idling() -> None:
    """A quarter of an hour after the shift all are off, but for those that people leave on, and the unmanned ones."""
    factory = a_factory(300)
    state = opened(factory, EVENING)
    after = last(ticks(factory, state, 20, seconds=60)).state.schedule
    fleet = factory.fleet
    day_lines = np.isin(fleet.line, [0, 2, 3, 4]) & ~fleet.unmanned
    assert after.on[day_lines & (fleet.habit > 0.5)].mean() > 0.8
    assert after.on[day_lines & (fleet.habit < 0.5)].mean() < 0.1
    assert after.on[fleet.unmanned].all()
    assert not after.working[day_lines].any()


def test_in_the_morning_people_start_the_machines_one_after_the_other() -> None:
    """Within ten minutes, not all in one second."""
    factory = a_factory(60)
    state = opened(factory, at_plant("tue", "05:58"))
    on = [tick.state.schedule.on.sum() for tick in ticks(factory, state, 15, seconds=60)]
    assert on[0] < on[5] < on[-1] == 60


def test_jobs_and_gaps_alternate() -> None:
    """A machine at work has jobs most of the time, and pauses between them."""
    factory = a_factory(30)
    busy = [tick.state.schedule.working.mean() for tick in ticks(factory, opened(factory), 60, seconds=60)]
    assert 0.7 < np.mean(busy) < 0.97


def test_a_machine_shut_down_at_work_stays_off_until_it_is_restarted() -> None:
    """Not even the next shift starts it."""
    factory = a_factory(12)
    state = opened(factory)
    held = schedule.switch_off(last(ticks(factory, state, 1)).state.schedule, 0)
    assert held.hold[0] == UNTIL_RESTART
    assert schedule.switch_on(held, 0).hold[0] == FREE


def test_a_machine_shut_down_after_work_is_started_by_the_next_shift() -> None:
    """So that switching idle machines off at night costs no production in the morning."""
    factory = a_factory(12)
    device = int(np.flatnonzero(~factory.fleet.unmanned & (factory.fleet.line == 0))[0])
    state = last(ticks(factory, opened(factory, NIGHT), 1)).state
    held = schedule.switch_off(state.schedule, device)
    assert held.hold[device] == UNTIL_SHIFT
    hours = np.full(6, WORK, dtype=np.int8)
    able = np.ones(12, dtype=np.bool_)
    for _ in range(11):
        held = schedule.step(held, fleet=factory.fleet, hours=hours, orders=np.zeros(6), able=able, dt=60.0,
                             rng=np.random.default_rng(1))  # fmt: skip
    assert held.on[device]


def test_the_plant_file_decides_who_works() -> None:
    """On a Monday morning everybody does."""
    factory = a_factory(12)
    assert opened(factory, MONDAY).schedule.staffed.all()
