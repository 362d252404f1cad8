"""What is known of machines at each reading, as far as recommendations need it: more than the model looks at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from energytrack.messages import STATES, DeviceEvent, MaintenanceDone, Reading, State, StateChanged
from energytrack.ratings import Rating
from ml.arrays import Floats, Integers, Mask, Matrix, enlarged
from ml.features.spec import FeatureSpec, duration
from ml.recommendations.condition_timer import ConditionTimer
from ml.recommendations.device_order import DeviceOrder
from ml.recommendations.fault_codes import FaultCodeWarnings
from ml.recommendations.own_range import OwnRange

STATE: Final[Mapping[State | None, int]] = MappingProxyType({**{state: i for i, state in enumerate(STATES)}, None: -1})
DOWN: Final = (STATE["failed"], STATE["maintenance"])
"""A machine in one of these states has no risk of failing: it has failed, or is worked on."""
IDLE_BAND: Final = (0.6, 1.3)
"""Where nobody tells the state: idle is a current of so many times the rated idle current; above it runs."""
PAUSE_MINUTES: Final = 10.0
"""Idle for so long a machine is between two jobs; for longer it is not at work."""
SETTLED_MINUTES: Final = 15.0
"""A machine that has worked so long is warm enough, and its windows full enough, to be compared with its past."""
REPEAT_MS: Final = 150_000
"""Readings further apart than this do not tell a stuck sensor from a steady one."""


@dataclass(frozen=True, eq=False)
class Situation:
    """What is known of machines at M readings; [M] each, NaN where unknown."""

    device: Integers
    at_ms: Integers
    risk: Floats
    """The failure probability as a multiple of the alarm's threshold."""
    idle_minutes: Floats
    """How long the machine has been idle without a break; 0 where it is not idle."""
    down: Mask
    """Failed, or worked on."""
    settled: Mask
    """Whether the machine has been at work for long enough to be compared with its own past."""
    lost_minutes: Floats
    """How long a sensor that was there has been lost; the longest of them."""
    stuck_minutes: Floats
    """How long a sensor of a machine at work has shown the very same value; the longest of them."""
    temperature_shift: Floats
    """Usual deviations above what the other signals let one expect of this machine at work, as `pressure_shift`."""
    pressure_shift: Floats
    over_limit: Floats
    """Degrees Celsius above the limit of the machine's type."""
    under_minimum: Floats
    """How far the pressure lies below the least one of the machine's type, as a share of it."""
    abnormal: Floats
    """T² as a multiple of the machine's own limit (`ml.recommendations.own_range`)."""
    cooling_warnings: Floats
    """Warnings of the last day since the last maintenance, here and below."""
    leak_warnings: Floats
    sensor_warnings: Floats
    tool_warnings: Floats


class Symptoms:
    """Bounded state per device beside the window's, by the window's rows."""

    def __init__(
        self,
        rating: Callable[[str, str | None], Rating | None],
        *,
        signals: int,
        devices: int,
        hints: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`rating` gives what is known of a device by its id and the type that its readings tell.

        `hints` gives the recommendations that codes of the plant's own speak for.
        """
        self._rating = rating
        self._devices = devices
        self._idle, self._at_work = ConditionTimer(devices), ConditionTimer(devices)
        self._lost = [ConditionTimer(devices) for _ in range(signals)]
        self._stuck = [ConditionTimer(devices) for _ in range(signals)]
        self._range = OwnRange(devices, signals=signals)
        self._hints = FaultCodeWarnings(devices, hints)
        self._rated = np.full((devices, 3), np.nan)
        """Idle current, limit of temperature, least pressure."""
        self._known = np.zeros(devices, dtype=np.bool_)
        self._latest = np.full((devices, signals), np.nan)
        self._heard_ms = np.zeros(devices, dtype=np.int64)
        self._seen = np.zeros((devices, signals), dtype=np.bool_)

    def note(self, device: int, event: DeviceEvent) -> None:
        """Remember an event; a machine that was worked on is not what it was, and finds a new range."""
        self._grow(device + 1)
        self._hints.note(device, event)
        if isinstance(event, MaintenanceDone):
            self._range.clear(np.array([device]))

    def recall(self, device: int, events: Iterable[DeviceEvent], change: StateChanged | None) -> None:
        """Take in what happened to a device where it was watched before, and since when it has been in its state."""
        self._grow(device + 1)
        for event in events:
            self._hints.note(device, event)
        if change is not None:
            at_ms = int(change.timestamp.timestamp() * 1000)
            self._idle.recall(device, at_ms, change.state == "idle")
            self._at_work.recall(device, at_ms, change.state == "running")

    def forget(self, device: Integers) -> None:
        """Let go of devices that are watched elsewhere now."""
        device = device[device < self._devices]
        for part in self._parts():
            part.clear(device)
        self._known[device] = self._seen[device] = False
        self._rated[device] = self._latest[device] = np.nan

    def turn(
        self,
        readings: Sequence[Reading],
        device: Integers,
        at_ms: Integers,
        values: Floats,
        *,
        spec: FeatureSpec,
        features: Matrix,
        state: Integers,
        risk: Floats,
    ) -> Situation:
        """Move on by M readings, oldest first; `values` is [M, signals] and `features` [M, features] of the spec."""
        self._rate(readings, device)
        turn = DeviceOrder(device, at_ms)
        current = _column(values, spec.signals, "current")
        idle, working = self._doing(state, current / self._rated[device, 0])
        idle_minutes = turn.back(self._idle.minutes(turn, turn.ordered(idle)))
        at_work = working | (idle & (idle_minutes < PAUSE_MINUTES))
        work_minutes = turn.back(self._at_work.minutes(turn, turn.ordered(at_work)))
        settled = work_minutes >= SETTLED_MINUTES
        lost, stuck = self._sensors(turn, turn.ordered(values), turn.ordered(working))
        off, shift = self._own_range(turn, spec, features, turn.ordered(work_minutes))
        hints = self._hints.counts(device, at_ms)
        _, limit, minimum = self._rated[device].T
        return Situation(
            device=device,
            at_ms=at_ms,
            risk=risk,
            idle_minutes=idle_minutes,
            down=is_down(state),
            settled=settled,
            lost_minutes=turn.back(lost),
            stuck_minutes=turn.back(stuck),
            temperature_shift=_column(shift, spec.signals, "temperature"),
            pressure_shift=_column(shift, spec.signals, "pressure"),
            over_limit=_column(values, spec.signals, "temperature") - limit,
            under_minimum=1.0 - _column(values, spec.signals, "pressure") / minimum,
            abnormal=off,
            cooling_warnings=hints["check_cooling"],
            leak_warnings=hints["check_leaks"],
            sensor_warnings=hints["check_sensor"],
            tool_warnings=hints["change_tool"],
        )

    @staticmethod
    def _doing(state: Integers, times_idle: Floats) -> tuple[Mask, Mask]:
        """Which machines are idle, and which at work, as their state says, or else their current."""
        untold = state == STATE[None]
        low, high = IDLE_BAND
        idle = (state == STATE["idle"]) | (untold & (times_idle >= low) & (times_idle <= high))
        return idle, (state == STATE["running"]) | (untold & (times_idle > high))

    def _own_range(
        self, turn: DeviceOrder, spec: FeatureSpec, features: Matrix, work_minutes: Floats
    ) -> tuple[Floats, Floats]:
        """How far each machine is off its own range, [M], and in which signals, [M, signals]."""
        length = spec.windows[spec.middle] * spec.bucket_seconds
        names = [f"{signal}_mean_{duration(length)}" for signal in spec.signals]
        means = np.column_stack([_column(features, spec.names, name) for name in names])
        off, shift = self._range.update(turn, work_minutes * 60.0 / length, turn.ordered(means))
        return turn.back(off), turn.back(shift)

    def _sensors(self, turn: DeviceOrder, values: Floats, working: Mask) -> tuple[Floats, Floats]:
        """How long any sensor has been lost, and stuck while there was work, in minutes, in the order of the turn."""
        gone = np.isnan(values)
        heard = np.cumsum(~gone, axis=0)
        start = np.maximum.accumulate(np.where(turn.first, np.arange(len(values)), 0))
        there = (heard > heard[start] - ~gone[start]) | self._seen[turn.device]
        same = values == turn.before(values, self._latest)
        apart = turn.at_ms - turn.before(turn.at_ms, self._heard_ms)
        same &= (working & (apart <= REPEAT_MS))[:, None]
        lost = [since.minutes(turn, column) for since, column in zip(self._lost, (gone & there).T, strict=True)]
        stuck = [since.minutes(turn, column) for since, column in zip(self._stuck, same.T, strict=True)]
        of = turn.device[turn.last]
        self._seen[of], self._latest[of], self._heard_ms[of] = (
            there[turn.last] | ~gone[turn.last],
            values[turn.last],
            turn.at_ms[turn.last],
        )
        return np.max(lost, axis=0), np.max(stuck, axis=0)

    def _rate(self, readings: Sequence[Reading], device: Integers) -> None:
        self._grow(int(device.max(initial=-1)) + 1)
        for i in np.flatnonzero(~self._known[device]).tolist():
            row = device[i]
            rating = self._rating(readings[i].device_id, readings[i].device_type)
            self._known[row] = True
            if rating is not None:
                limits = (rating.idle_amperes, rating.thermal.limit_celsius, rating.circuit.minimum_bar)
                self._rated[row] = limits

    def _parts(self) -> tuple[ConditionTimer | OwnRange | FaultCodeWarnings, ...]:
        return (self._idle, self._at_work, *self._lost, *self._stuck, self._range, self._hints)

    def _grow(self, devices: int) -> None:
        if devices <= self._devices:
            return
        devices = max(devices, self._devices * 3 // 2)
        for part in self._parts():
            part.grow(devices)
        self._rated = enlarged(self._rated, devices, np.nan)
        self._known = enlarged(self._known, devices, False)
        self._latest = enlarged(self._latest, devices, np.nan)
        self._heard_ms = enlarged(self._heard_ms, devices, 0)
        self._seen = enlarged(self._seen, devices, False)
        self._devices = devices


def states_of(readings: Sequence[Reading]) -> Integers:
    """The state that each reading tells, as a number of `STATE`."""
    return np.array([STATE[reading.state] for reading in readings], dtype=np.int64)


def is_down(state: Integers) -> Mask:
    """Whether machines in these states have failed, or are worked on."""
    down: Mask = np.isin(state, DOWN)
    return down


def _column(matrix: Floats | Matrix, names: Sequence[str], name: str) -> Floats:
    """A column by its name; NaN where there is none of that name."""
    if name in names:
        return np.asarray(matrix[:, list(names).index(name)], dtype=np.float64)
    return np.full(len(matrix), np.nan)
