"""Facts about machines that recommendations need at each reading: more than the model uses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from energytrack.events import DeviceEvent, MaintenanceDone, StateChanged
from energytrack.fields import STATES, State
from energytrack.machines.power import IDLE_BAND
from energytrack.machines.ratings import Rating
from energytrack.messages import Reading
from ml.arrays import Floats, Integers, Mask, Matrix, enlarged
from ml.features.spec import FeatureSpec, duration
from ml.recommendations.condition_timer import ConditionTimer
from ml.recommendations.device_order import DeviceOrder
from ml.recommendations.fault_codes import FaultCodeWarnings
from ml.recommendations.own_range import OwnRange
from ml.recommendations.sensors import SensorTimes
from ml.recommendations.situation import Situation

STATE: Final[Mapping[State | None, int]] = MappingProxyType({**{state: i for i, state in enumerate(STATES)}, None: -1})
DOWN: Final = (STATE["failed"], STATE["maintenance"])
"""A machine in one of these states has no risk of failing: it has failed, or is in maintenance."""
PAUSE_MINUTES: Final = 10.0
"""A machine that has been idle for less than this is between two jobs; for longer, it is not at work."""
SETTLED_MINUTES: Final = 15.0
"""After this much work a machine is warm enough, and its windows full enough, for a comparison with its history."""
REPEAT_MS: Final = 150_000
"""Readings further apart than this cannot distinguish a stuck sensor from a steady one."""


class Symptoms:
    """State of each device besides the window's buckets; bounded, in arrays by the window's rows."""

    def __init__(
        self,
        rating: Callable[[str, str | None], Rating | None],
        *,
        signals: int,
        devices: int,
        fault_codes: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`rating` gives the rated limits of a device by its id and by the type in its readings.

        `fault_codes` gives recommendations for the plant's own fault codes.
        """
        self._rating = rating
        self._devices = devices
        self._idle, self._at_work = ConditionTimer(devices), ConditionTimer(devices)
        self._lost = [ConditionTimer(devices) for _ in range(signals)]
        self._stuck = [ConditionTimer(devices) for _ in range(signals)]
        self._range = OwnRange(devices, signals=signals)
        self._warnings = FaultCodeWarnings(devices, fault_codes)
        self._limits = np.full((devices, 3), np.nan)
        """[devices, 3]: rated idle current in A, highest temperature in °C, least pressure in bar; NaN if unknown."""
        self._rated = np.zeros(devices, dtype=np.bool_)
        """[devices], whether the rating was looked up: once per device."""
        self._latest = np.full((devices, signals), np.nan)
        """[devices, signals], each sensor's latest value, NaN if it was lost then."""
        self._latest_ms = np.zeros(devices, dtype=np.int64)
        """[devices], when that was."""
        self._ever_heard = np.zeros((devices, signals), dtype=np.bool_)
        """[devices, signals], whether the sensor ever gave a value: a machine cannot lose a sensor that it never had.
        """

    def note(self, device: int, event: DeviceEvent) -> None:
        """Store an event; maintenance changes a machine, so it gets a new range."""
        self._grow(device + 1)
        self._warnings.note(device, event)
        if isinstance(event, MaintenanceDone):
            self._range.clear(np.array([device]))

    def recall(self, device: int, events: Iterable[DeviceEvent], change: StateChanged | None) -> None:
        """Add the stored history of a device, and since when it has been in its state."""
        self._grow(device + 1)
        for event in events:
            self._warnings.note(device, event)
        if change is not None:
            at_ms = int(change.timestamp.timestamp() * 1000)
            self._idle.recall(device, at_ms, change.state == "idle")
            self._at_work.recall(device, at_ms, change.state == "running")

    def set_back(self, device: Integers, moment_ms: Integers) -> None:
        """Continue with devices whose clocks were set back to these moments, [n] each."""
        self._grow(int(device.max(initial=-1)) + 1)
        for timer in (self._idle, self._at_work, *self._lost, *self._stuck):
            timer.set_back(device, moment_ms)
        self._latest_ms[device] = np.minimum(self._latest_ms[device], moment_ms)

    def forget(self, device: Integers) -> None:
        """Forget devices that moved to another consumer."""
        device = device[device < self._devices]
        for part in self._parts():
            part.clear(device)
        self._rated[device] = self._ever_heard[device] = False
        self._limits[device] = self._latest[device] = np.nan

    def update(
        self,
        readings: Sequence[Reading],
        device: Integers,
        at_ms: Integers,
        values: Floats,
        *,
        spec: FeatureSpec,
        features: Matrix,
        state: Integers,
        risk_to_threshold_ratio: Floats,
        novelty_to_threshold_ratio: Floats,
        stop_saving_ratio: Floats | None = None,
    ) -> Situation:
        """The situation of each of M readings, oldest first.

        `device`, `at_ms`, `state` and the ratios are [M], `values` [M, signals], `features` [M, features] of the spec.
        """
        self._look_up_ratings(readings, device)
        order = DeviceOrder(device, at_ms)
        current = _column(values, spec.signals, "current")
        idle, working = self._doing(state, current / self._limits[device, 0])
        idle_minutes = order.as_received(self._idle.minutes(order, order.sort(idle)))
        at_work = working | (idle & (idle_minutes < PAUSE_MINUTES))
        work_minutes = order.as_received(self._at_work.minutes(order, order.sort(at_work)))
        lost, stuck = map(order.as_received, self._sensors(order, order.sort(values), order.sort(working)))
        abnormal, shift = self._own_range(order, spec, features, order.sort(work_minutes))
        warnings = self._warnings.counts(device, at_ms)
        _, highest_celsius, least_bar = self._limits[device].T
        return Situation(
            device=device,
            at_ms=at_ms,
            risk_to_threshold_ratio=risk_to_threshold_ratio,
            novelty_to_threshold_ratio=novelty_to_threshold_ratio,
            stop_saving_ratio=np.full(len(device), np.nan) if stop_saving_ratio is None else stop_saving_ratio,
            idle_minutes=idle_minutes,
            down=is_down(state),
            settled=work_minutes >= SETTLED_MINUTES,
            lost_minutes=lost.max(axis=1, initial=0.0),
            stuck_minutes=stuck.max(axis=1, initial=0.0),
            repeated_minutes=_least_of_several(stuck, values),
            sensors=SensorTimes(tuple(spec.signals), lost, stuck),
            temperature_shift=_column(shift, spec.signals, "temperature"),
            pressure_shift=_column(shift, spec.signals, "pressure"),
            over_limit=_column(values, spec.signals, "temperature") - highest_celsius,
            under_minimum=1.0 - _column(values, spec.signals, "pressure") / least_bar,
            abnormal=abnormal,
            cooling_warnings=warnings["check_cooling"],
            leak_warnings=warnings["check_leaks"],
            sensor_warnings=warnings["check_sensor"],
            tool_warnings=warnings["change_tool"],
        )

    @staticmethod
    def _doing(state: Integers, current_to_idle_ratio: Floats) -> tuple[Mask, Mask]:
        """Which machines are idle, and which at work, [M] each: by their state, or otherwise by their current."""
        unstated = state == STATE[None]
        low, high = IDLE_BAND
        idle = (state == STATE["idle"]) | (unstated & (current_to_idle_ratio >= low) & (current_to_idle_ratio <= high))
        return idle, (state == STATE["running"]) | (unstated & (current_to_idle_ratio > high))

    def _own_range(
        self, order: DeviceOrder, spec: FeatureSpec, features: Matrix, work_minutes: Floats
    ) -> tuple[Floats, Floats]:
        """The distance of each machine from its own range, [M], and of its signals, [M, signals], as received."""
        window_seconds = spec.windows[spec.middle] * spec.bucket_seconds
        names = [f"{signal}_mean_{duration(window_seconds)}" for signal in spec.signals]
        means = np.column_stack([_column(features, spec.names, name) for name in names])
        abnormal, shift = self._range.update(order, work_minutes * 60.0 / window_seconds, order.sort(means))
        return order.as_received(abnormal), order.as_received(shift)

    def _sensors(self, order: DeviceOrder, values: Floats, working: Mask) -> tuple[Floats, Floats]:
        """How long each sensor has been lost, and stuck while there was work: minutes, [M, signals] each, sorted.

        A sensor is lost if it had a value before, here or in an earlier batch, and has none now. It is stuck if a
        machine at work repeats the identical value; readings far apart may do so by chance.
        """
        gone = np.isnan(values)
        # Number of values of each sensor so far, over all rows; for one device: the difference to its first row.
        readings_with_value = np.cumsum(~gone, axis=0)
        starts = order.starts()
        heard_before_device = readings_with_value[starts] - ~gone[starts]
        had_value = (readings_with_value > heard_before_device) | self._ever_heard[order.device]
        same = values == order.previous(values, self._latest)  # NaN equals nothing, so a lost sensor is not stuck
        apart_ms = order.at_ms - order.previous(order.at_ms, self._latest_ms)
        same &= (working & (apart_ms <= REPEAT_MS))[:, None]
        lost = [timer.minutes(order, column) for timer, column in zip(self._lost, (gone & had_value).T, strict=True)]
        stuck = [timer.minutes(order, column) for timer, column in zip(self._stuck, same.T, strict=True)]
        newest = order.device[order.last]
        self._ever_heard[newest] = had_value[order.last] | ~gone[order.last]
        self._latest[newest] = values[order.last]
        self._latest_ms[newest] = order.at_ms[order.last]
        return np.stack(lost, axis=1), np.stack(stuck, axis=1)

    def _look_up_ratings(self, readings: Sequence[Reading], device: Integers) -> None:
        self._grow(int(device.max(initial=-1)) + 1)
        for i in np.flatnonzero(~self._rated[device]).tolist():
            row = device[i]
            rating = self._rating(readings[i].device_id, readings[i].device_type)
            self._rated[row] = True
            if rating is not None:
                self._limits[row] = (rating.idle_amperes, rating.thermal.limit_celsius, rating.circuit.minimum_bar)

    def _parts(self) -> tuple[ConditionTimer | OwnRange | FaultCodeWarnings, ...]:
        return (self._idle, self._at_work, *self._lost, *self._stuck, self._range, self._warnings)

    def _grow(self, devices: int) -> None:
        if devices <= self._devices:
            return
        devices = max(devices, self._devices * 3 // 2)
        for part in self._parts():
            part.grow(devices)
        self._limits = enlarged(self._limits, devices, np.nan)
        self._rated = enlarged(self._rated, devices, False)
        self._latest = enlarged(self._latest, devices, np.nan)
        self._latest_ms = enlarged(self._latest_ms, devices, 0)
        self._ever_heard = enlarged(self._ever_heard, devices, False)
        self._devices = devices


def states_of(readings: Sequence[Reading]) -> Integers:
    """The state in each reading, as an index of `STATE`."""
    return np.array([STATE[reading.state] for reading in readings], dtype=np.int64)


def is_down(state: Integers) -> Mask:
    """Whether machines in these states have failed, or are in maintenance."""
    down: Mask = np.isin(state, DOWN)
    return down


def _least_of_several(stuck: Floats, values: Floats) -> Floats:
    """How long all present sensors have repeated their values at once, [M]; 0 for a machine with only one.

    `stuck` and `values` are [M, signals]. One steady value means little; if all of them repeat to the last digit, they
    are not measured again.
    """
    has_value = ~np.isnan(values)
    least = np.min(np.where(has_value, stuck, np.inf), axis=1, initial=np.inf)
    return np.where(has_value.sum(axis=1) > 1, least, 0.0)


def _column(matrix: Floats | Matrix, names: Sequence[str], name: str) -> Floats:
    """A column by its name; NaN if there is none."""
    if name in names:
        return np.asarray(matrix[:, list(names).index(name)], dtype=np.float64)
    return np.full(len(matrix), np.nan)
