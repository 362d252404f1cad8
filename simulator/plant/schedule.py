"""Shifts and breaks by line, jobs and gaps by machine, and the machines that people leave idling."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from energytrack.contract.calendar import Shift
from energytrack.plant import Plant
from simulator.machines.arrays import Bools, Codes, Floats, changed
from simulator.machines.fleet import FleetConstants

OFF: Final = 0
BREAK: Final = 1
WORK: Final = 2

FREE: Final = 0
"""People and shifts decide whether the machine is on."""
UNTIL_SHIFT: Final = 1
"""Shut down by order after work: people start it at the next shift."""
UNTIL_RESTART: Final = 2
"""Shut down by order during work: it stays off until it is restarted by order."""

_WEEK: Final = 7 * 24 * 60
_MONDAY: Final = datetime(2024, 1, 1)  # noqa: DTZ001  # a local time of a week without a change of clocks


class Calendar:
    """The activity of each line at each minute of a week in plant time."""

    def __init__(self, plant: Plant) -> None:
        self._zone = plant.zone
        weeks = {name: _week(shift) for name, shift in plant.shifts.items()}
        off = np.full(_WEEK, OFF, dtype=np.int8)
        columns = [np.maximum.reduce([off, *(weeks[name] for name in line.shifts)]) for line in plant.lines.values()]
        self._weeks = np.column_stack(columns)
        self._plant = plant
        self._special: dict[date, Codes | None] = {}

    def local(self, at: datetime) -> datetime:
        """Plant time."""
        return at.astimezone(self._zone)

    def hours(self, local: datetime) -> Codes:
        """OFF, BREAK or WORK for each line, int8[lines], at a time of the plant."""
        special = self._special_day(local.date())
        if special is not None:
            return np.asarray(special[local.hour * 60 + local.minute])
        hours: Codes = self._weeks[(local.weekday() * 24 + local.hour) * 60 + local.minute]
        return hours

    def _special_day(self, day: date) -> Codes | None:
        """A holiday, a shutdown or an extra shift, int8[minutes, lines]; None for an ordinary day.

        A night shift belongs to the day on which it began, so the day after a special day is special too.
        """
        if day not in self._special:
            calendar = self._plant.calendar
            ordinary = calendar.is_ordinary(day) and calendar.is_ordinary(day - timedelta(days=1))
            self._special[day] = None if ordinary else _day(self._plant, day)
        return self._special[day]


class PlantSchedule(Struct, frozen=True, eq=False):
    """What people make the machines do; one element per device."""

    staffed: Bools
    """People were present at the last step."""
    able: Bools
    """The machine was neither failed nor in maintenance at the last step."""
    on: Bools
    """Switched on."""
    hold: Codes
    """FREE, UNTIL_SHIFT or UNTIL_RESTART."""
    switch_seconds: Floats
    """Until people switch the machine on or off; infinite if they do not intend to."""
    busy: Bools
    """In a job, as far as shifts allow; otherwise in a gap between two jobs."""
    left_seconds: Floats
    """Of the job or the gap."""
    load: Floats
    """Of the job, 0 to 1 of the rated load."""
    working: Bools
    """At a job right now."""


def new_schedule(fleet: FleetConstants, hours: Codes, rng: Generator) -> PlantSchedule:
    """The initial state of a plant in full operation."""
    n = len(fleet)
    staffed = _hours_of(fleet, hours) > OFF
    idling = rng.random(n) < fleet.habit
    u = rng.random((3, n))
    return PlantSchedule(
        staffed=staffed,
        able=np.ones(n, dtype=np.bool_),
        on=staffed | idling,
        hold=np.zeros(n, dtype=np.int8),
        switch_seconds=np.full(n, np.inf),
        busy=u[0] < 0.8,
        left_seconds=fleet.job_seconds[0] * u[1],
        load=_between(fleet.job_load, u[2]),
        working=np.zeros(n, dtype=np.bool_),
    )


def step(
    state: PlantSchedule, *, fleet: FleetConstants, hours: Codes, orders: Floats, able: Bools, dt: float, rng: Generator
) -> PlantSchedule:
    """What people do in the next `dt` seconds; `hours` and `orders` (the amount of work) are by line."""
    u = rng.random((5, len(fleet)))
    here = _hours_of(fleet, hours)
    staffed = here > OFF
    comes, goes = staffed & ~state.staffed, ~staffed & state.staffed
    mended = able & ~state.able
    hold = np.where(comes & (state.hold == UNTIL_SHIFT), np.int8(FREE), state.hold)
    switch = np.where(comes | mended, 600.0 * u[0], state.switch_seconds)
    switch = np.where(goes, np.where(u[1] < fleet.habit, np.inf, 60.0 + 700.0 * u[0]), switch) - dt
    flips = switch <= 0.0
    on = np.where(flips & (hold == FREE), staffed, state.on) & able
    working = on & (here == WORK)
    left = np.where(working, state.left_seconds - dt, state.left_seconds)
    over = working & (left <= 0.0)
    busy = state.busy ^ over
    skew = u[2] * np.sqrt(u[2])  # short jobs are more frequent than long ones
    length = np.where(busy, _between(fleet.job_seconds, skew), _between(fleet.gap_seconds, skew))
    demand = np.minimum(np.maximum(0.5 * (u[3] + u[4]) + 0.10 * orders[fleet.line], 0.0), 1.0)
    return PlantSchedule(
        staffed=staffed,
        able=able,
        on=on,
        hold=hold,
        switch_seconds=np.where(flips, np.inf, switch),
        busy=busy,
        left_seconds=np.where(over, np.maximum(left, -dt) + length, left),
        load=np.where(over & busy, _between(fleet.job_load, demand), state.load),
        working=working & busy,
    )


def switch_off(state: PlantSchedule, device: int) -> PlantSchedule:
    """The machine after an order to shut down."""
    hold = UNTIL_RESTART if state.staffed[device] else UNTIL_SHIFT
    return changed(state, device, on=False, hold=hold, switch_seconds=np.inf)


def switch_on(state: PlantSchedule, device: int) -> PlantSchedule:
    """The machine after an order to restart; after work nobody is present to switch it off again."""
    return changed(state, device, on=True, hold=FREE, switch_seconds=np.inf)


@lru_cache
def _week(shift: Shift) -> Codes:
    """OFF, BREAK or WORK at each minute of the week."""
    minutes = (_MONDAY + timedelta(minutes=m) for m in range(_WEEK))
    week = np.array([_doing(shift, minute) for minute in minutes], dtype=np.int8)
    week.setflags(write=False)  # every plant with such a shift has this very array
    return week


def _day(plant: Plant, day: date) -> Codes:
    """OFF, BREAK or WORK at each minute of a day for each line, int8[minutes, lines]."""
    midnight = datetime.combine(day, time(0))  # a local time
    minutes = [midnight + timedelta(minutes=m) for m in range(24 * 60)]
    return np.array([[_line_doing(plant, line, minute) for line in plant.lines] for minute in minutes], dtype=np.int8)


def _line_doing(plant: Plant, line: str, local: datetime) -> int:
    shifts = [plant.shifts[name] for name in plant.lines[line].shifts]
    on = [shift for shift in shifts if plant.calendar.in_window(shift, line, local)]
    if not on:
        return OFF
    return BREAK if all(shift.in_break(local) for shift in on) else WORK


def _doing(shift: Shift, local: datetime) -> int:
    if shift.at_work(local):
        return WORK
    return BREAK if shift.window.contains(local) else OFF


def _hours_of(fleet: FleetConstants, hours: Codes) -> Codes:
    return np.asarray(np.maximum(hours[fleet.line], fleet.unmanned.view(np.int8) * np.int8(WORK)))


def _between(limits: Floats, share: Floats) -> Floats:
    return np.asarray(limits[0] + (limits[1] - limits[0]) * share)
