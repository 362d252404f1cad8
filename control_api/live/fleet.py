"""The latest state of every machine, folded from messages, and which machines changed since the last update. Pure."""

from collections.abc import Iterable, Set
from typing import Final

from msgspec import Struct

from energytrack.clock import Clock
from energytrack.events import MachineRetired
from energytrack.fields import State
from energytrack.machines.power import power_watts
from energytrack.machines.silence import next_interval, silent_after
from energytrack.machines.state import MachineState, with_message
from energytrack.messages import Message, Reading
from energytrack.plant import Place, Plant

ON_FILE_SECONDS: Final = 60.0
"""After a start, a machine that is only known from the store is silent if its last reading is older than this."""
MOST_MACHINES: Final = 20_000
"""How many machines pages follow live, besides those that the plant file lists."""


class Update(Struct, frozen=True, array_like=True):
    """The live state of a machine; because there are many, its JSON is an array in the order of the fields."""

    device_id: str
    at: float | None
    """Time of the last reading, seconds since the epoch."""
    state: State | None
    temperature: float | None
    pressure: float | None
    current: float | None
    power_watts: float | None
    risk: float | None
    prediction: int | None
    recommendations: tuple[str, ...]
    factors: tuple[str, ...]
    recommendation_codes: tuple[str, ...]
    """The codes of `recommendations`, in the same order."""
    contributions: tuple[float, ...]
    """What each of `factors` adds to the probability."""
    silent: bool
    """The machine is silent: all other values are as of `at`."""
    likeness: str = ""
    """What its state resembles, if its risk is high."""


class LiveFleet:
    """At most one update per machine and interval, however many messages arrived."""

    def __init__(self, plant: Plant, clock: Clock) -> None:
        self._plant = plant
        self._listed = frozenset(device.device_id for device in plant.devices)
        self._clock = clock
        self._received: dict[str, float] = {}
        """When each machine's last reading arrived, by our own clock: a machine's clock may be wrong."""
        self._intervals: dict[str, float] = {}
        self._silent: set[str] = set()
        """The machines that were silent at the last update."""
        self._latest: dict[str, MachineState] = {}
        self._unlisted: set[str] = set()
        """Those of them that the plant file does not list."""
        self._changed: set[str] = set()

    def seed(self, stored: Iterable[MachineState]) -> None:
        """Start with the state in the store."""
        for latest in stored:
            if self._has_room(latest.device_id):
                self._latest.setdefault(latest.device_id, latest)

    def take(self, message: Message) -> None:
        """Fold one message in; one that changes nothing sends no update."""
        if isinstance(message, MachineRetired):
            self._forget(message.device_id)
            return
        if not self._has_room(message.device_id):
            return
        before = self._latest.get(message.device_id) or MachineState(message.device_id)
        latest = with_message(before, message, self._clock.now())
        if latest is before:
            return
        if isinstance(message, Reading):
            self._note_interval(before, message)
        self._latest[latest.device_id] = latest
        self._changed.add(latest.device_id)

    def _has_room(self, device_id: str) -> bool:
        """Whether a machine is followed: invented names must not fill the memory. The exporters report them."""
        if device_id in self._listed or device_id in self._unlisted:
            return True
        if len(self._unlisted) >= MOST_MACHINES:
            return False
        self._unlisted.add(device_id)
        return True

    def _forget(self, device_id: str) -> None:
        for cache in (self._latest, self._received, self._intervals):
            cache.pop(device_id, None)
        for names in (self._silent, self._changed, self._unlisted):
            names.discard(device_id)

    def _note_interval(self, before: MachineState, reading: Reading) -> None:
        name = reading.device_id
        if before.reading is not None and reading.timestamp > before.reading.timestamp:
            gap = (reading.timestamp - before.reading.timestamp).total_seconds()
            self._intervals[name] = next_interval(self._intervals.get(name), gap)
        self._received[name] = self._clock.monotonic()

    def is_silent(self, device_id: str) -> bool | None:
        """Whether a machine is silent; None if no reading of it arrived here yet."""
        received = self._received.get(device_id)
        if received is None:
            return None
        return self._clock.monotonic() - received > silent_after(self._intervals.get(device_id))

    def _is_shown_silent(self, device_id: str) -> bool:
        silent = self.is_silent(device_id)
        if silent is not None:
            return silent
        reading = self._latest[device_id].reading
        return reading is None or (self._clock.now() - reading.timestamp).total_seconds() > ON_FILE_SECONDS

    def changed(self) -> Set[str]:
        """The machines that changed since the last call; falling silent is a change."""
        silent = {device_id for device_id in self._latest if self._is_shown_silent(device_id)}
        changed = self._changed | (silent ^ self._silent)
        self._silent, self._changed = silent, set()
        return changed

    def all(self) -> list[Update]:
        return [self.update(device_id) for device_id in list(self._latest)]

    def line_of(self, device_id: str) -> str | None:
        """The line of a machine, from the plant file or from its messages."""
        return self._place(device_id).line

    def _place(self, device_id: str) -> Place:
        latest = self._latest.get(device_id)
        return self._plant.place(device_id, *((latest.device_type, latest.line) if latest else ()))

    def update(self, device_id: str) -> Update:
        """The live state of one machine."""
        latest = self._latest[device_id]
        reading, insight = latest.reading, latest.insight
        device_type = self._place(device_id).device_type
        rating = self._plant.rating(device_type) if device_type else None
        current = reading.current if reading else None
        return Update(
            device_id=device_id,
            at=reading.timestamp.timestamp() if reading else None,
            state=latest.state,
            temperature=reading.temperature if reading else None,
            pressure=reading.pressure if reading else None,
            current=current,
            power_watts=None if rating is None or current is None else power_watts(current, rating),
            risk=insight.failure_probability if insight else None,
            prediction=insight.prediction if insight else None,
            recommendations=tuple(one.text for one in insight.recommendations) if insight else (),
            factors=tuple(factor.words for factor in insight.top_factors) if insight else (),
            recommendation_codes=tuple(one.code for one in insight.recommendations) if insight else (),
            contributions=tuple(factor.contribution for factor in insight.top_factors) if insight else (),
            silent=self._is_shown_silent(device_id),
            likeness=insight.likeness if insight else "",
        )
