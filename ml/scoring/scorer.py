"""From readings and events to insights: the logic of the consumer, without Kafka."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import isnan
from types import MappingProxyType
from typing import Final

import numpy as np

from energytrack.events import DeviceEvent
from energytrack.machines.ratings import Rating
from energytrack.messages import Insight, Reading, Recommendation, StopOption
from energytrack.plant import Plant
from ml.arrays import Floats, Integers, Mask
from ml.features.device_rows import Nameplate
from ml.features.spec import PLAIN, FeatureSpec
from ml.features.window import LEAST_FILLED, Window, WindowFeatures
from ml.measures.alarms import failure_rule
from ml.models.card import Champion
from ml.models.estimators import columns
from ml.recommendations.rules import SENSOR, RecommendationRule
from ml.recommendations.sensors import naming
from ml.recommendations.situation import Situation
from ml.recommendations.symptoms import Symptoms, is_down, states_of
from ml.recommendations.tracker import RecommendationTracker
from ml.scoring.clock_watch import ClockWatch
from ml.scoring.explanations import NO_REASONS, Explainer, Explanations, Reasons
from ml.scoring.remaining import LifeEstimate, RemainingLives
from ml.scoring.stops import CheapestStops, saving_ratio
from ml.scoring.warm_up import DeviceHistory

LEAST_DEVICES: Final = 64
FRESH: Final = timedelta(minutes=15)
"""Recommendations that were open this recently are still open, until their rules close them."""
NO_MODEL: Final = "none"
"""The model version of an insight without a model."""


class Scorer:
    """The champion, the window over all devices, their other state, and the open recommendations."""

    def __init__(
        self,
        champion: Champion | None,
        plant: Plant,
        rules: tuple[RecommendationRule, ...],
        *,
        fault_codes: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`fault_codes` gives recommendations for the plant's own fault codes."""
        self._plant = plant
        self._fault_codes = fault_codes
        self._tracker = RecommendationTracker(rules)
        self._stops = CheapestStops(plant)
        self.champion: Champion | None = None
        self._begin(champion.card.spec if champion else PLAIN)
        if champion is not None:
            self.promote(champion)

    def promote(self, champion: Champion) -> bool:
        """Use another model from now on; False if it needs history that was not kept, so that it starts without."""
        spec = champion.card.spec
        kept = self.window.adopt(spec)
        if not kept:
            self.forget(self.window.devices())
            self._begin(spec)
        self.champion = champion
        self._columns = columns(spec.names, champion.model.features)
        self._explainer = Explainer(champion)
        self._reasons = Explanations(self._explainer)
        self._lives = RemainingLives(champion.model.life, self._columns, horizon_hours=champion.card.horizon_hours)
        return kept

    def note(self, events: Iterable[DeviceEvent]) -> None:
        """Store events; they come before the readings of the same batch."""
        for event in events:
            (row,) = self.window.rows([event.device_id], self._plate(None)).tolist()
            self.window.note(row, event)
            self._symptoms.note(row, event)

    def recall(self, past: DeviceHistory) -> None:
        """Add the stored history of a device; it may arrive before the device's first reading, or after."""
        types = {past.device_id: past.latest.device_type} if past.latest else None
        (row,) = self.window.rows([past.device_id], self._plate(types)).tolist()
        for event in past.events:
            self.window.note(row, event)
        spec = self.window.spec
        if (past.spec.signals, past.spec.bucket_ms) == (
            spec.signals,
            spec.bucket_ms,
        ):  # it may arrive late, for another model
            self.window.recall(row, past.at_ms, past.means)
        latest = past.latest
        if latest is None:
            return
        self._symptoms.recall(row, past.events, latest.change)
        insight = latest.insight
        if insight is not None and past.until - insight.timestamp <= FRESH:
            codes = (recommendation.code for recommendation in insight.recommendations)
            self._tracker.reopen(row, codes, round(insight.timestamp.timestamp() * 1000))

    def score(self, readings: Sequence[Reading], now: datetime) -> list[Insight]:
        """Insights for readings, oldest first, one per device and second."""
        insights: list[Insight] = []
        for fresh, device, at_ms, values in self._fresh(readings, now):
            insights.extend(self._insights(fresh, device, at_ms, values, now))
        return insights

    def forget(self, device_ids: Iterable[str]) -> None:
        """Forget devices that moved to another consumer."""
        device_ids = tuple(device_ids)
        gone = self.window.forget(device_ids)
        self._stops.forget(device_ids)
        self._tracker.forget(gone)
        self._symptoms.forget(gone)
        self._clocks.forget(gone.tolist())
        if self.champion is not None:
            self._reasons.forget(gone)
            self._lives.forget(gone)

    def _begin(self, spec: FeatureSpec) -> None:
        devices = max(len(self._plant.devices), LEAST_DEVICES)
        self.window = Window(spec, devices=devices)
        self._clocks = ClockWatch()
        self._symptoms = Symptoms(
            self._rating, signals=len(spec.signals), devices=devices, fault_codes=self._fault_codes
        )

    def _fresh(
        self, readings: Sequence[Reading], now: datetime
    ) -> Iterator[tuple[list[Reading], Integers, Integers, Floats]]:
        """Readings that were not scored before, in rounds, oldest first, added to the window."""
        if not readings:
            return
        types = {reading.device_id: reading.device_type for reading in readings}
        device = self.window.rows([reading.device_id for reading in readings], self._plate(types))
        at_ms = np.array([round(reading.timestamp.timestamp() * 1000) for reading in readings], dtype=np.int64)
        values = signal_values(readings, self.window.spec.signals)
        now_ms = round(now.timestamp() * 1000)
        self._follow_clocks(device, at_ms, now_ms)
        new = [np.zeros(0, dtype=np.int64)]
        for rows in self.window.rounds(at_ms):
            self.window.add(device[rows], at_ms[rows], values[rows])
            fresh = rows[self.window.mark(device[rows], at_ms[rows])]
            fresh = fresh[np.argsort(at_ms[fresh], kind="stable")]
            new.append(fresh)
            if len(fresh):
                yield [readings[i] for i in fresh.tolist()], device[fresh], at_ms[fresh], values[fresh]
        self._clocks.note(device, np.concatenate(new), now_ms)

    def _follow_clocks(self, device: Integers, at_ms: Integers, now_ms: int) -> None:
        """Score machines whose clocks were set back at once, not only when they reach their former time again."""
        set_back, moment_ms = self._clocks.set_back(self.window, device, at_ms, now_ms)
        if len(set_back):
            self.window.forget_from(set_back, moment_ms)
            self._symptoms.set_back(set_back, moment_ms)
            self._tracker.set_back(set_back, moment_ms)

    def _insights(
        self, readings: Sequence[Reading], device: Integers, at_ms: Integers, values: Floats, now: datetime
    ) -> Iterator[Insight]:
        seen = self.window.look(device, at_ms)
        state = states_of(readings)
        probability, novelty = self._scores(seen, is_down(state))
        version, threshold, alone = NO_MODEL, 1.0, np.nan
        if self.champion is not None:
            card = self.champion.card
            version, threshold = card.version, card.threshold
            alone = 1.0 if card.kind == "normal" else np.nan
        at_risk, risk_to_threshold_ratio = probability >= threshold, probability / threshold
        lives = self._remaining(seen, device, at_ms, probability)
        stops = self._when_to_stop(readings, lives, risk_to_threshold_ratio)
        situation = self._symptoms.update(
            readings, device, at_ms, values,
            spec=self.window.spec, features=seen.features, state=state,
            risk_to_threshold_ratio=risk_to_threshold_ratio, novelty_to_threshold_ratio=alone * novelty / threshold,
            stop_saving_ratio=np.array([saving_ratio(options) if options else np.nan for options in stops]),
        )  # fmt: skip
        recommended = [
            self._in_words(situation, i, open_, stops[i]) if open_ else ()
            for i, open_ in enumerate(self._tracker.update(situation))
        ]
        why = self._why(seen, device, at_ms, at_risk)
        columns_of = (readings, probability.tolist(), at_risk.tolist(), novelty.tolist(), recommended, lives, stops)
        for i, (reading, p, is_at_risk, unusual, recommendations, life, stop_options) in enumerate(
            zip(*columns_of, strict=True)
        ):
            is_scored = p == p  # noqa: PLR0124  # not NaN
            reasons = why.get(i, NO_REASONS)
            yield Insight(
                device_id=reading.device_id,
                timestamp=reading.timestamp,
                failure_probability=p if is_scored else None,
                prediction=(1 if is_at_risk else 0) if is_scored else None,
                model_version=version,
                scored_at=now,
                top_factors=reasons.factors,
                recommendations=recommendations,
                novelty=None if isnan(unusual) else unusual,
                likeness=reasons.likeness,
                likely_modes=reasons.likely_modes,
                remaining_life=None if life is None else life.interval,
                likely_components=reasons.likely_components,
                stop_options=stop_options,
            )

    def _scores(self, seen: WindowFeatures, down: Mask) -> tuple[Floats, Floats]:
        """Probability of a failure, and novelty, [M] each.

        NaN while a machine has too little history, or is down (it cannot fail then), or if there is no model. A model
        that was trained without failures has no probability.
        """
        probability, novelty = np.full((2, len(down)), np.nan)
        if self.champion is None:
            return probability, novelty
        scorable = np.flatnonzero((seen.filled >= LEAST_FILLED) & ~down)
        if len(scorable):
            rows = seen.features[np.ix_(scorable, self._columns)]
            novelty[scorable] = self._explainer.novelty(rows)
            if self.champion.card.kind != "normal":
                probability[scorable] = self.champion.model.probabilities(rows)
        return probability.round(4), novelty.round(4)

    def _why(self, seen: WindowFeatures, device: Integers, at_ms: Integers, at_risk: Mask) -> dict[int, Reasons]:
        if not at_risk.any():
            return {}
        rows = np.flatnonzero(at_risk)
        reasons = self._reasons.update(device[rows], at_ms[rows], seen.features[np.ix_(rows, self._columns)])
        return dict(zip(rows.tolist(), reasons, strict=True))

    def _remaining(
        self, seen: WindowFeatures, device: Integers, at_ms: Integers, probability: Floats
    ) -> list[LifeEstimate | None]:
        if self.champion is None:
            return [None] * len(device)
        return self._lives.update(device, at_ms, seen.features, probability)

    def _when_to_stop(
        self, readings: Sequence[Reading], lives: Sequence[LifeEstimate | None], risk_to_threshold_ratio: Floats
    ) -> list[tuple[StopOption, ...]]:
        """Stop options of machines at risk, until their alarm ends: stopping a sound machine would repair nothing."""
        options: list[tuple[StopOption, ...]] = [()] * len(readings)
        for i in np.flatnonzero(risk_to_threshold_ratio >= failure_rule(1.0).clear_at).tolist():
            options[i] = self._stops.options(readings[i], lives[i])
        return options

    def _in_words(
        self, situation: Situation, i: int, recommendations: tuple[Recommendation, ...], stops: tuple[StopOption, ...]
    ) -> tuple[Recommendation, ...]:
        """Recommendations that name the affected sensors, and the time to stop with its sum."""
        named = _in_words(situation, i, recommendations)
        return tuple(self._stops.in_words(one, stops) for one in named) if stops else named

    def _rating(self, device_id: str, reported_type: str | None) -> Rating | None:
        device_type = self._plant.place(device_id, reported_type).device_type
        return self._plant.rating(device_type) if device_type else None

    def _plate(self, types: dict[str, str | None] | None) -> Callable[[str], Nameplate]:
        def plate(device_id: str) -> Nameplate:
            device = self._plant.device(device_id)
            reported = types.get(device_id) if types else None
            return Nameplate(device.device_type, device.age_years) if device else Nameplate(reported, None)

        return plate


def _in_words(situation: Situation, i: int, recommendations: tuple[Recommendation, ...]) -> tuple[Recommendation, ...]:
    """Recommendations with the sensors that are concerned by name."""
    if not any(one.code == SENSOR for one in recommendations):
        return recommendations
    repeated = float(situation.repeated_minutes[i])
    return tuple(
        naming(one, situation.sensors, i, repeated_minutes=repeated) if one.code == SENSOR else one
        for one in recommendations
    )


def signal_values(readings: Sequence[Reading], signals: Sequence[str]) -> Floats:
    """[readings, signals], NaN if a sensor is lost or absent."""
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
