"""All devices of this replica: folds batches, drops devices that fell silent or moved, and hands out snapshots.

A batch is shown once it is committed. After a kill, the next process begins with what was not committed, so it never
shows anything older than before: `increase()` would count energy twice if a counter went back.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from energytrack.consume import Taken
from energytrack.events import MachineRetired
from energytrack.machines.silence import silent_after
from energytrack.messages import Command, Insight, Message, Reading
from energytrack.metering.values import Meter
from energytrack.plant import Plant
from energytrack.store.telemetry.events import LatestEvent
from exporters.machines.state import (
    DeviceLabels,
    DeviceState,
    blank_state,
    fold_event,
    fold_insight,
    fold_reading,
    identity_of,
    recall,
)

Stored = Callable[[Collection[str]], Mapping[str, Meter | None]]
"""Gives the stored meters of devices that are new here, None for one that was never stored; devices for which the store
does not answer are missing.
"""


Past = Callable[[Collection[str]], Mapping[str, Sequence[LatestEvent]]]
"""Gives the past events of devices that are new here; devices for which the store does not answer are missing."""

MOST_UNLISTED: Final = 5000
"""How many machines that the plant file does not list one replica follows: as many as a page should have."""


def no_past(device_ids: Collection[str]) -> Mapping[str, Sequence[LatestEvent]]:
    """Return no past events."""
    return dict.fromkeys(device_ids, ())


def none_stored(device_ids: Collection[str]) -> Mapping[str, Meter | None]:
    """Return no stored meters: all begin at their registers."""
    return dict.fromkeys(device_ids)


class RetentionPeriods(Struct, frozen=True):
    """How long the values of a silent device are kept."""

    gone: timedelta
    """Without a reading for this long, a device's values and counters disappear."""
    forgotten: timedelta
    """Without a reading for this long, the timestamp of its last reading disappears too."""
    insight: timedelta
    """An insight older than its device's last reading by more than this is hidden."""


class Snapshot(Struct, frozen=True):
    """The devices that have sent a reading, at one instant, in the order in which they first appeared."""

    known: tuple[DeviceState, ...]
    """Devices that are not forgotten yet."""
    present: tuple[DeviceState, ...]
    """Devices whose values are still shown."""


class Fleet:
    """The states of this replica's devices: one thread folds, any thread takes snapshots.

    Neither blocks the other for long: states are frozen values, so a snapshot only copies references. It contains a
    batch either completely or not at all.
    """

    def __init__(
        self,
        plant: Plant,
        patience: RetentionPeriods,
        stored: Stored = none_stored,
        past: Past = no_past,
        *,
        most_unlisted: int = MOST_UNLISTED,
    ) -> None:
        self._plant = plant
        self._listed = frozenset(device.device_id for device in plant.devices)
        self._most = most_unlisted
        self._stored = stored
        self._past = past
        self._patience = patience
        self._states: dict[str, DeviceState] = {}
        self._shown: dict[str, DeviceState] = {}
        """As of the last batch that is committed."""
        self._lock = threading.Lock()

    def divide(self, batch: Sequence[Taken]) -> tuple[Sequence[Taken], Sequence[Taken]]:
        """The messages to fold, and those of machines that are one too many.

        Machines that are known, or that the plant file lists, always have room.
        """
        names = {taken.message.device_id for taken in batch}
        new = [name for name in names if name not in self._states and name not in self._listed]
        if not new:
            return batch, ()
        room = max(0, self._most - sum(name not in self._listed for name in self._states))
        excess = frozenset(sorted(new)[room:])
        if not excess:
            return batch, ()
        return (
            [taken for taken in batch if taken.message.device_id not in excess],
            [taken for taken in batch if taken.message.device_id in excess],
        )

    def fold(self, batch: Sequence[Taken], now: datetime) -> None:
        """Fold messages that arrived at `now`, in order; snapshots contain them after `show`."""
        changed: dict[str, DeviceState] = {}
        retired: set[str] = set()
        sent = {taken.message.device_id for taken in batch if isinstance(taken.message, Reading)}
        meters = self._meters(sent)
        for taken in batch:
            message = taken.message
            device_id = message.device_id
            if isinstance(message, MachineRetired):
                retired.add(device_id)
                changed.pop(device_id, None)
                continue
            if device_id in retired and isinstance(message, Reading):
                retired.discard(device_id)  # it sends again: it starts again
            home = (taken.record.topic, taken.record.partition)
            state = changed.get(device_id) or self._states.get(device_id)
            if state is None:
                state = blank_state(device_id, home, now=now, plant=self._plant)
            if not state.resumed and isinstance(message, Reading) and device_id in meters:
                state = msgspec.structs.replace(state, meter=meters[device_id], resumed=True)
            after = self._folded(state, message, home, now)
            if after is not None:
                changed[device_id] = after
        self._recall(sent & changed.keys(), changed)
        for device_id in retired:
            self._states.pop(device_id, None)
        self._states.update(changed)

    def _folded(self, state: DeviceState, message: Message, home: tuple[str, int], now: datetime) -> DeviceState | None:
        """The state after a message; None if the message tells nothing about the machine's state."""
        if isinstance(message, Reading):
            return fold_reading(state, message, home, now=now, plant=self._plant)
        if isinstance(message, Insight):
            return fold_insight(state, message, now=now)
        return None if isinstance(message, Command) else fold_event(state, message, now=now)

    def show(self) -> None:
        """Publish the folded states for scrapes."""
        shown = dict(self._states)
        with self._lock:
            self._shown = shown

    def _meters(self, sent: Collection[str]) -> Mapping[str, Meter | None]:
        """The stored meters from which new devices continue."""
        unmetered = {name for name in sent if (state := self._states.get(name)) is None or not state.resumed}
        return self._stored(unmetered) if unmetered else {}

    def _recall(self, sent: Collection[str], changed: dict[str, DeviceState]) -> None:
        """Add the past events of devices that are new here; later, if the store does not answer now."""
        unrecalled = {name for name in sent if not changed[name].recalled}
        for device_id, past in (self._past(unrecalled) if unrecalled else {}).items():
            changed[device_id] = recall(changed[device_id], past)

    def identity(self, device_id: str) -> DeviceLabels:
        """The labels of a device, even if it has not sent anything yet."""
        state = self._states.get(device_id)
        return state.identity if state is not None else identity_of(device_id, self._plant)

    def keep(self, partitions: frozenset[tuple[str, int]]) -> None:
        """Drop the devices whose readings now go to another replica."""
        self._keep(lambda state: state.home in partitions)

    def forget(self, now: datetime) -> None:
        """Drop the devices that have not sent a reading for too long."""
        limit = now - self._patience.forgotten
        self._keep(lambda state: state.received_at >= limit)

    def _keep(self, stays: Callable[[DeviceState], bool]) -> None:
        self._states = {name: state for name, state in self._states.items() if stays(state)}
        with self._lock:
            self._shown = {name: state for name, state in self._shown.items() if name in self._states}

    def snapshot(self, now: datetime) -> Snapshot:
        """The devices at `now`."""
        with self._lock:
            states = tuple(self._shown.values())
        forgotten = now - self._patience.forgotten
        gone = now - self._patience.gone
        known = tuple(state for state in states if state.reading is not None and state.received_at >= forgotten)
        known = tuple(_silent(state) if _is_silent(state, now) else state for state in known)
        present = tuple(self._with_fresh_insight(state) for state in known if state.received_at >= gone)
        return Snapshot(known, present)

    def _with_fresh_insight(self, state: DeviceState) -> DeviceState:
        if state.insight is None or state.reading is None:
            return state
        if state.reading.timestamp - state.insight.timestamp <= self._patience.insight:
            return state
        return msgspec.structs.replace(state, machine=msgspec.structs.replace(state.machine, insight=None))


def _is_silent(state: DeviceState, now: datetime) -> bool:
    """Whether a device is silent, by our own clock: a machine with a wrong clock is not."""
    return (now - state.received_at).total_seconds() > silent_after(state.interval)


def _silent(state: DeviceState) -> DeviceState:
    return msgspec.structs.replace(state, silent=True)
