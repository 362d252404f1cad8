"""When to stop each machine at risk, at its readings: the options, and the cheapest one in a sentence."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from energytrack.contract.costs import StopTerms
from energytrack.messages import Reading, Recommendation, StopOption
from energytrack.plant import Plant
from energytrack.stopping.choice import Lifetime, options, saving
from energytrack.stopping.words import advice
from energytrack.stopping.worktimes import work_times
from ml.recommendations.rules import STOP
from ml.scoring.remaining import LifeEstimate

EVERY: Final = timedelta(minutes=1)
"""Interval between two comparisons for a machine whose lifetime is still said to be the same."""
CHANGED: Final = timedelta(seconds=10)
"""Interval for a machine whose lifetime changes: it does with every percent of the probability."""


class CheapestStops:
    """Computes the expected cost of stopping machines sooner or later."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._kept: dict[str, tuple[datetime, Lifetime, tuple[StopOption, ...]]] = {}

    def options(self, reading: Reading, life: LifeEstimate | None) -> tuple[StopOption, ...]:
        """The options of a machine at risk, cheapest first; none if its life or the cost of a stop is unknown."""
        if life is None:
            return ()
        device_id, at = reading.device_id, reading.timestamp
        kept = self._kept.get(device_id)
        if kept is not None and timedelta() <= at - kept[0] < (EVERY if kept[1] is life.lifetime else CHANGED):
            return kept[2]
        place = self._plant.place(device_id, reading.device_type, reading.line)
        terms = self._plant.stop_terms(device_id, place.device_type, place.line)
        found = () if terms is None else self._compared(terms, place.line, at, life.lifetime)
        self._kept[device_id] = (at, life.lifetime, found)
        return found

    def forget(self, device_ids: Sequence[str]) -> None:
        """Forget machines that moved to another consumer."""
        for device_id in device_ids:
            self._kept.pop(device_id, None)

    def _compared(self, terms: StopTerms, line: str | None, at: datetime, life: Lifetime) -> tuple[StopOption, ...]:
        hours = life.reach_hours + terms.planned_hours + (terms.part_hours or 0.0)
        ahead = work_times(self._plant, line, at, hours, maintenance=terms.maintenance)
        return options(terms, life, ahead, at)

    def in_words(self, recommendation: Recommendation, stop_options: tuple[StopOption, ...]) -> Recommendation:
        """The recommendation to stop with its time and sum; others, and one without options, do not change."""
        if recommendation.code != STOP or not stop_options or stop_options[0].when == "run_on":
            return recommendation
        return Recommendation(STOP, advice(stop_options, self._plant.zone, self._plant.tariff.currency))


def saving_ratio(stop_options: tuple[StopOption, ...]) -> float:
    """The saving of the cheapest time, as a share of the cost of running on; NaN without options."""
    saved = saving(stop_options)
    if saved is None:
        return float("nan")
    running_on = stop_options[0].expected_cost + saved
    return saved / running_on if running_on else 0.0
