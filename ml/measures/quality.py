"""The quality of probabilities and alarms, in the terms of their users."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from sklearn.metrics import average_precision_score, roc_auc_score

from ml.arrays import Floats, Integers, Mask
from ml.datasets.table import Table
from ml.measures.alarms import AlarmRule, episodes

MONTH_MS: Final = 30 * 86_400_000
BINS: Final = 10
LEAST_THRESHOLD: Final = 0.05
"""No alarm below this probability, unless such alarms are right as often on unseen rows."""


class ProbabilityQuality(Struct, frozen=True):
    """How well probabilities separate rows of label 1 from the rest, and how well they are calibrated."""

    pr_auc: float
    """Area under the precision-recall curve (average precision); random guessing has the prevalence."""
    prevalence: float
    roc_auc: float
    brier: float
    calibration_error: float
    """Mean distance between probability and frequency over ten bins of equal width, weighted by their rows."""


class AlarmQuality(Struct, frozen=True):
    """The quality of a rule's alarms, as the people who respond to them see it."""

    threshold: float
    events: int
    caught: int
    """Failures that were preceded by an alarm within the horizon."""
    false_alarms: int
    """Alarms without a failure in the horizon after them."""
    machine_months: float
    true_alarms: int
    lead_hours: tuple[float, ...]
    """For each caught failure, how long before it the alarm was raised."""

    @property
    def recall(self) -> float:
        """Share of failures that were caught; NaN without failures."""
        return self.caught / self.events if self.events else float("nan")

    @property
    def false_per_month(self) -> float:
        """False alarms per machine and month."""
        return self.false_alarms / self.machine_months if self.machine_months else float("nan")

    @property
    def precision(self) -> float:
        """Share of alarms that were followed by a failure; NaN without alarms."""
        total = self.true_alarms + self.false_alarms
        return self.true_alarms / total if total else float("nan")

    def lead(self, quantile: float) -> float:
        """A quantile of the lead times, in hours; NaN if none was caught."""
        return float(np.quantile(self.lead_hours, quantile)) if self.lead_hours else float("nan")


@dataclass(frozen=True, eq=False)
class JudgedAlarms:
    """Each of a rule's alarms, and each of the failures within reach of a table's rows."""

    device: Integers
    """[alarms], the machine of each."""
    useful: Mask
    """[alarms], those that were followed by a failure within the horizon."""
    event: Integers
    """[failures], each as its row in the table's `events`."""
    lead_hours: Floats
    """[failures], how long before it the first alarm was raised; NaN if none was."""


def measure_probabilities(label: Integers, probability: Floats, weight: Floats | None = None) -> ProbabilityQuality:
    """Measure probabilities; a row counts `weight` times, if given.

    If nothing, or everything, failed, there is nothing to separate: both areas are NaN.
    """
    both = len(np.unique(label)) == 2
    nan = float("nan")
    return ProbabilityQuality(
        pr_auc=float(average_precision_score(label, probability, sample_weight=weight)) if both else nan,
        prevalence=float(np.average(label, weights=weight)),
        roc_auc=float(roc_auc_score(label, probability, sample_weight=weight)) if both else nan,
        brier=float(np.average((probability - label) ** 2, weights=weight)),
        calibration_error=calibration_error(label, probability, weight),
    )


def calibration_error(label: Integers, probability: Floats, weight: Floats | None = None) -> float:
    """Expected calibration error, ten bins of equal width (Naeini et al. 2015)."""
    counts = np.ones(len(label)) if weight is None else weight
    off = np.abs(np.bincount(bins_of(probability), weights=counts * (probability - label), minlength=BINS))
    return float(off.sum() / counts.sum())


def bins_of(probability: Floats) -> Integers:
    """Which of ten bins of equal width each probability falls into."""
    return np.minimum((probability * BINS).astype(np.int64), BINS - 1)


def measure_alarms(table: Table, probability: Floats, rule: AlarmRule) -> AlarmQuality:
    """Compare a rule's alarms with the failures within reach of the table's rows.

    An alarm predicts a failure within the horizon. One that is still open a horizon later counts as raised again, and
    each that is not followed by a failure in time is a false alarm. A permanent alarm is therefore worthless.
    """
    judged = judge_alarms(table, probability, rule)
    lead = judged.lead_hours[~np.isnan(judged.lead_hours)]
    return AlarmQuality(
        threshold=rule.raise_at,
        events=len(judged.event),
        caught=len(lead),
        false_alarms=int((~judged.useful).sum()),
        machine_months=len(table) * table.step_ms / MONTH_MS,
        true_alarms=int(judged.useful.sum()),
        lead_hours=tuple(lead.tolist()),
    )


def judge_alarms(table: Table, probability: Floats, rule: AlarmRule) -> JudgedAlarms:
    """The comparison by alarm and by failure."""
    if rule.confirm_ms <= table.step_ms:  # a row represents a longer time than an alarm waits
        rule = replace(rule, confirm_ms=0)
    raised = episodes(table.device, table.at_ms, probability, rule, gap_ms=round(2.5 * table.step_ms))
    device, rings = _rings(raised, table.horizon_ms)
    ahead = np.unique(table.event[table.event >= 0])
    useful = np.zeros(len(rings), dtype=np.bool_)
    lead = np.full(len(ahead), np.nan)
    for place, (event_device, failed, _) in enumerate(table.events[ahead].tolist()):
        right = (device == event_device) & (rings < failed) & (rings >= failed - table.horizon_ms)
        useful |= right
        if right.any():
            lead[place] = (failed - int(rings[right].min())) / 3.6e6
    return JudgedAlarms(device, useful, ahead, lead)


def _rings(raised: Integers, horizon_ms: int) -> tuple[Integers, Integers]:
    """Device and time of each alarm: when it is raised, and every horizon while it stays open."""
    times = (raised[:, 2] - raised[:, 1]) // horizon_ms + 1
    number = np.concatenate([np.arange(n) for n in times]) if len(times) else np.zeros(0, dtype=np.int64)
    return np.repeat(raised[:, 0], times), np.repeat(raised[:, 1], times) + number * horizon_ms


def choose_threshold(
    table: Table, probability: Floats, make_rule: Callable[[float], AlarmRule], *, budget: float
) -> float:
    """The lowest threshold whose false alarms use at most half the budget per machine and month on these rows.

    Half, because other data will exceed it by chance. The rest of the budget is not spent on alarms of little value: a
    threshold is below LEAST_THRESHOLD only if one such further alarm in twenty announces a failure that is otherwise
    missed, and never below the share of rows that a failure follows. Without any failure, that share is not known. Use
    validation rows: a threshold chosen on test rows makes their scores worthless.
    """
    candidates = candidate_thresholds(probability)
    chosen = float(np.nextafter(candidates[-1], 2.0))
    at_least = measure_alarms(table, probability, make_rule(LEAST_THRESHOLD))
    for threshold in candidates[::-1].tolist():
        alarms = measure_alarms(table, probability, make_rule(threshold))
        if alarms.false_per_month > budget / 2:
            break
        is_worth_it = threshold >= LEAST_THRESHOLD or _precision_of_more(alarms, at_least) >= LEAST_THRESHOLD
        chosen = threshold if is_worth_it else min(chosen, LEAST_THRESHOLD)
    positive = table.label == 1
    prevalence = float(positive.mean()) if positive.any() else LEAST_THRESHOLD
    return max(chosen, min(LEAST_THRESHOLD, prevalence))


def _precision_of_more(alarms: AlarmQuality, fewer: AlarmQuality) -> float:
    """The share of a lower threshold's additional alarms that announce otherwise missed failures; 0 if none does."""
    caught, false = alarms.caught - fewer.caught, max(alarms.false_alarms - fewer.false_alarms, 0)
    return caught / (caught + false) if caught > 0 else 0.0


def candidate_thresholds(probability: Floats) -> Floats:
    """Thresholds to compare, rising; closer together where fewer rows are above."""
    return np.unique(np.quantile(probability, 1.0 - np.geomspace(1e-5, 0.5, 80)))


def pool_alarms(parts: Sequence[AlarmQuality]) -> AlarmQuality:
    """The results of disjoint parts, combined; the threshold is their mean."""
    return AlarmQuality(
        threshold=float(np.mean([part.threshold for part in parts])),
        events=sum(part.events for part in parts),
        caught=sum(part.caught for part in parts),
        false_alarms=sum(part.false_alarms for part in parts),
        machine_months=sum(part.machine_months for part in parts),
        true_alarms=sum(part.true_alarms for part in parts),
        lead_hours=tuple(hours for part in parts for hours in part.lead_hours),
    )
