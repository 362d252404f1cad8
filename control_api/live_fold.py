"""What is new of each machine since the last look: a fold of messages, at most one update a machine and look. Pure."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from energytrack.energy import power_watts
from energytrack.machine_state import MachineState, with_message
from energytrack.messages import Message, State
from energytrack.plant import Place, Plant


class Update(Struct, frozen=True, array_like=True):
    """A machine as a page shows it live; an array on the wire, because there are many."""

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


class LiveFleet:
    """The latest of every machine, and which of them have news."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._latest: dict[str, MachineState] = {}
        self._news: set[str] = set()

    def seed(self, stored: Iterable[MachineState]) -> None:
        """Begin with what is on file."""
        for latest in stored:
            self._latest.setdefault(latest.device_id, latest)

    def take(self, message: Message, now: datetime) -> None:
        """Fold one message in that came in at `now`; what is no news changes nothing."""
        before = self._latest.get(message.device_id) or MachineState(message.device_id)
        latest = with_message(before, message, now)
        if latest is not before:
            self._latest[latest.device_id] = latest
            self._news.add(latest.device_id)

    def news(self) -> list[Update]:
        """The machines that have news since the last call."""
        updates = [self.update(device_id) for device_id in self._news]
        self._news.clear()
        return updates

    def everything(self) -> list[Update]:
        """All machines."""
        return [self.update(device_id) for device_id in list(self._latest)]

    def line_of(self, device_id: str) -> str | None:
        """The line of a machine, as the plant file says, or the machine itself."""
        return self._place(device_id).line

    def _place(self, device_id: str) -> Place:
        latest = self._latest.get(device_id)
        return self._plant.place(device_id, *((latest.device_type, latest.line) if latest else ()))

    def update(self, device_id: str) -> Update:
        """One machine as pages show it."""
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
            factors=tuple(factor.text or factor.feature for factor in insight.top_factors) if insight else (),
        )
