"""The fleet: planned machines and machines that sent messages; filtered, sorted, thinned. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from energytrack.fields import State
from energytrack.ledger.words import SecondsByBasis, coverage
from energytrack.machines.power import power_watts
from energytrack.machines.state import MachineState
from energytrack.metering.words import MeterFacts, described
from energytrack.plant import Plant
from energytrack.store.operations.commands import Order
from energytrack.store.operations.locks import Lock

T = TypeVar("T")
SortKey = Literal["device_id", "line", "device_type", "state", "risk", "power"]


class Machine(Struct, frozen=True, kw_only=True):
    """A machine's current state."""

    latest: MachineState
    device_type: str | None
    line: str | None
    state: State | None
    state_since: datetime | None
    """When it entered that state; None if no message said so."""
    silent: bool
    """Whether it is silent: all other values are then as of its last reading."""
    clock_ahead_seconds: float | None
    """How far its clock is ahead, if its readings are currently refused because of it."""
    power_watts: float | None
    """None for a silent machine."""
    in_shift: bool
    """Whether its line is in a shift now."""
    lock: Lock | None
    open_order: Order | None
    failure_cost: float | None = None
    """What a failure of it costs, in the currency of the tariff; None if the plant file does not say."""

    @property
    def device_id(self) -> str:
        return self.latest.device_id

    @property
    def risk(self) -> float | None:
        """Its failure probability, 0 to 1."""
        return None if self.latest.insight is None else self.latest.insight.failure_probability


class FleetFilter(Struct, frozen=True, kw_only=True):
    """A filter; None does not restrict."""

    line: str | None = None
    device_type: str | None = None
    state: State | None = None
    min_risk: float | None = None
    text: str | None = None
    """Part of the id, type or line, ignoring case."""
    locked: bool | None = None
    silent: bool | None = None

    def admits(self, machine: Machine) -> bool:
        return (
            self.line in (None, machine.line)
            and self.device_type in (None, machine.device_type)
            and self.state in (None, machine.state)
            and (self.min_risk is None or (machine.risk is not None and machine.risk >= self.min_risk))
            and self.silent in (None, machine.silent)
            and (self.locked is None or self.locked == (machine.lock is not None))
            and (self.text is None or _mentions(machine, self.text.casefold()))
        )


class MachineMeter(NamedTuple):
    """A machine's meter, and how today's energy is known."""

    facts: MeterFacts
    today: SecondsByBasis
    since: datetime | None
    """Time of the machine's first reading, if that was today; plant time."""

    def in_words(self) -> str:
        """A sentence in English."""
        return described(self.facts, coverage(self.today, since=self.since))


def merged_fleet(stored: Iterable[MachineState], plant: Plant) -> Mapping[str, MachineState]:
    """Machines of the plant file and of the store by id.

    Either may have some that the other lacks, because plants change.
    """
    fleet = {
        device.device_id: MachineState(device.device_id, device_type=device.device_type, line=device.line)
        for device in plant.devices
    }
    fleet.update((latest.device_id, latest) for latest in stored)
    return fleet


def is_gone(latest: MachineState, gone: Mapping[str, datetime]) -> bool:
    """Whether a machine was retired, renamed or removed, and has sent nothing since."""
    at = gone.get(latest.device_id)
    return at is not None and (latest.reading is None or latest.reading.timestamp <= at)


def machine_now(
    latest: MachineState,
    *,
    plant: Plant,
    now: datetime,
    silent_after: timedelta,
    lock: Lock | None,
    open_order: Order | None,
    silent: bool | None = None,
) -> Machine:
    """A machine from its latest state; the plant file supplies what its messages lack.

    If the live feed does not know whether it is silent, its last stored reading decides.
    """
    device_type, line = plant.place(latest.device_id, latest.device_type, latest.line)
    reading, change = latest.reading, latest.change
    state = latest.state
    rating = plant.rating(device_type) if device_type else None
    current = reading.current if reading else None
    if silent is None or reading is None:
        silent = reading is None or reading.timestamp < now - silent_after
    return Machine(
        latest=latest,
        device_type=device_type,
        line=line,
        state=state,
        state_since=change.timestamp if change is not None and change.state == state else None,
        silent=silent,
        clock_ahead_seconds=_clock_ahead(latest, now - silent_after),
        power_watts=None if silent or rating is None or current is None else power_watts(current, rating),
        in_shift=line is not None and line in plant.lines and plant.in_shift(line, now),
        lock=lock,
        open_order=open_order,
        failure_cost=plant.costs.of_a_failure(device_type, line, latest.device_id),
    )


def as_answered(machine: Machine, order: Order) -> Machine:
    """The machine in the state that it reported in its answer, unless a newer one is known.

    The answer closes the order at once; the historian stores a machine's state some seconds later.
    """
    known_at, answered_at = machine.latest.state_at, order.answered_at
    if order.device_state is None or answered_at is None or (known_at is not None and known_at > answered_at):
        return machine
    return replace(machine, state=order.device_state, state_since=answered_at)


def _clock_ahead(latest: MachineState, since: datetime) -> float | None:
    clock, reading = latest.clock, latest.reading
    if clock is None or clock.timestamp < since or (reading is not None and clock.timestamp < reading.timestamp):
        return None
    return clock.ahead_seconds


def sort_machines(machines: Iterable[Machine], key: SortKey, *, descending: bool) -> Sequence[Machine]:
    """Machines sorted, by id where the key is equal; those without a value come last in both directions."""
    by_id = sorted(machines, key=lambda machine: machine.device_id, reverse=descending and key == "device_id")
    if key == "device_id":
        return by_id
    present = [machine for machine in by_id if _KEYS[key](machine) is not None]
    absent = [machine for machine in by_id if _KEYS[key](machine) is None]
    return sorted(present, key=_KEYS[key], reverse=descending) + absent


def thinned(values: Sequence[T], limit: int) -> Sequence[T]:
    """Every n-th value, so that at most `limit` remain; the last one is always among them."""
    step = -(-len(values) // limit)
    return values if step <= 1 else values[(len(values) - 1) % step :: step]


_KEYS: Final = {
    "line": lambda machine: machine.line,
    "device_type": lambda machine: machine.device_type,
    "state": lambda machine: machine.state,
    "risk": lambda machine: machine.risk,
    "power": lambda machine: machine.power_watts,
}


def _mentions(machine: Machine, text: str) -> bool:
    words = (machine.device_id, machine.device_type or "", machine.line or "")
    return any(text in word.casefold() for word in words)
