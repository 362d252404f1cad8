"""From readings and events to insights: all that the consumer does, without the consumer."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

import numpy as np

from energytrack.messages import DeviceEvent, Insight, Reading
from energytrack.plant import Plant
from ml.arrays import Floats, Integers
from ml.features import PLAIN
from ml.models import columns
from ml.recommendations import Advice, Book, Situation
from ml.registry import Champion
from ml.window import LEAST_FILLED, Nameplate, Window

DOWN: Final = frozenset({"failed", "maintenance"})
"""A machine in one of these states has no risk of failing, it has failed or is worked on."""
NO_MODEL: Final = "none"
"""The model version of an insight that no model had a part in."""
IDLE_BAND: Final = (0.6, 1.3)
"""Where nobody tells the state: idle is a current of so many times the rated idle current."""


class Scorer:
    """The champion, the window over all devices, and the recommendations that are open."""

    def __init__(self, champion: Champion | None, plant: Plant, entries: tuple[Advice, ...]) -> None:
        self.window = Window(champion.card.spec if champion else PLAIN, devices=max(len(plant.devices), 64))
        self._plant = plant
        self._book = Book(entries)
        self._idle_since: dict[int, int] = {}
        self.champion: Champion | None = None
        if champion is not None:
            self.promote(champion)

    def promote(self, champion: Champion) -> bool:
        """Score with another model from now on; False where it looks at a past that was not kept, and begins anew."""
        spec = champion.card.spec
        kept = self.window.adopt(spec)
        if not kept:
            self.forget(self.window.devices())
            self.window = Window(spec, devices=max(len(self._plant.devices), 64))
        self.champion = champion
        self._columns = columns(spec.names, champion.model.features)
        return kept

    def note(self, events: Iterable[DeviceEvent]) -> None:
        """Remember events; they come before the readings of the same batch."""
        for event in events:
            row = self.window.rows([event.device_id], self._plate(None))
            self.window.note(int(row[0]), event)

    def score(self, readings: Sequence[Reading], now: datetime) -> list[Insight]:
        """Insights for readings, oldest first, one per device and second."""
        if not readings:
            return []
        types = {reading.device_id: reading.device_type for reading in readings}
        device = self.window.rows([reading.device_id for reading in readings], self._plate(types))
        at_ms = np.array([round(reading.timestamp.timestamp() * 1000) for reading in readings], dtype=np.int64)
        values = signal_values(readings, self.window.spec.signals)
        insights: list[Insight] = []
        for rows in self.window.rounds(at_ms):
            self.window.add(device[rows], at_ms[rows], values[rows])
            fresh = rows[self.window.mark(device[rows], at_ms[rows])]
            fresh = fresh[np.argsort(at_ms[fresh], kind="stable")]
            if len(fresh):
                told = [readings[i] for i in fresh.tolist()]
                insights.extend(self._insights(told, device[fresh], at_ms[fresh], now))
        return insights

    def forget(self, device_ids: Iterable[str]) -> None:
        """Let go of devices that are watched elsewhere now."""
        gone = self.window.forget(device_ids)
        self._book.forget(gone)
        for device in gone.tolist():
            self._idle_since.pop(device, None)

    def _insights(
        self, readings: Sequence[Reading], device: Integers, at_ms: Integers, now: datetime
    ) -> Iterator[Insight]:
        probability = self._probabilities(readings, device, at_ms)
        version, threshold = NO_MODEL, 1.0
        if self.champion is not None:
            version, threshold = self.champion.card.version, self.champion.card.threshold
        situation = Situation(
            device=device,
            at_ms=at_ms,
            probability=probability,
            threshold=threshold,
            idle_minutes=self._idle_minutes(readings, device, at_ms),
        )
        recommended = self._book.turn(situation)
        for reading, p, recommendations in zip(readings, probability.tolist(), recommended, strict=True):
            known = p == p  # noqa: PLR0124  # not NaN
            yield Insight(
                device_id=reading.device_id,
                timestamp=reading.timestamp,
                failure_probability=p if known else None,
                prediction=(1 if p >= threshold else 0) if known else None,
                model_version=version,
                scored_at=now,
                recommendations=recommendations,
            )

    def _probabilities(self, readings: Sequence[Reading], device: Integers, at_ms: Integers) -> Floats:
        """NaN while a machine has too little history, or is down, or there is no model."""
        probability = np.full(len(readings), np.nan)
        if self.champion is None:
            return probability
        seen = self.window.look(device, at_ms)
        up = np.array([reading.state not in DOWN for reading in readings])
        known = np.flatnonzero((seen.filled >= LEAST_FILLED) & up)
        if len(known):
            probability[known] = self.champion.model.probabilities(seen.features[np.ix_(known, self._columns)])
        rounded: Floats = probability.round(4)
        return rounded

    def _idle_minutes(self, readings: Sequence[Reading], device: Integers, at_ms: Integers) -> Floats:
        minutes = np.zeros(len(readings))
        since = self._idle_since
        for i, (reading, row, at) in enumerate(zip(readings, device.tolist(), at_ms.tolist(), strict=True)):
            if self._is_idle(reading):
                minutes[i] = (at - since.setdefault(row, at)) / 60_000
            else:
                since.pop(row, None)
        return minutes

    def _is_idle(self, reading: Reading) -> bool:
        if reading.state is not None:
            return reading.state == "idle"
        known = self._plant.device(reading.device_id)
        kind = reading.device_type or (known.device_type if known else None)
        rating = self._plant.rating(kind) if kind else None
        if rating is None or reading.current is None:
            return False
        low, high = IDLE_BAND
        return low * rating.idle_amperes <= reading.current <= high * rating.idle_amperes

    def _plate(self, types: dict[str, str | None] | None) -> Callable[[str], Nameplate]:
        def plate(device_id: str) -> Nameplate:
            device = self._plant.device(device_id)
            told = types.get(device_id) if types else None
            return Nameplate(device.device_type, device.age_years) if device else Nameplate(told, None)

        return plate


def signal_values(readings: Sequence[Reading], signals: Sequence[str]) -> Floats:
    """[readings, signals], NaN where a sensor is lost or not there."""
    columns_of = [[_value(reading, signal) for reading in readings] for signal in signals]
    return np.array(columns_of, dtype=np.float64).T


def _value(reading: Reading, signal: str) -> float | None:
    match signal:
        case "temperature":
            return reading.temperature
        case "pressure":
            return reading.pressure
        case "current":
            return reading.current
        case _:
            return reading.signals.get(signal)
