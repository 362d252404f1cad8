"""Exports the model in use as metrics."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ml.errors import MISMATCHES, ArtifactMismatch
from ml.models.card import Card, ChosenByCost

SCORES: Final = ("pr_auc", "roc_auc", "event_recall", "alarm_precision", "false_alarms", "brier", "calibration_error")
"""The scores of a card that are exported."""
SCORING_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class ModelMetrics:
    """Metrics of the model in use."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._info = Gauge(
            "energytrack_model_info",
            "Information about the model in use, as labels.",
            ["version", "kind"],
            registry=registry,
        )
        self._without_model: CollectorRegistry | None = registry
        """Of what is absent, not zero, until there is a model; None from then on."""
        self._created = Gauge(
            "energytrack_model_created_timestamp_seconds", "When the model in use was trained.", registry=None
        )
        self._threshold = Gauge(
            "energytrack_model_threshold_ratio", "Probability at which an alarm is raised.", registry=None
        )
        self._cost = Gauge(
            "energytrack_model_wrong_alarms_cost",
            "Cost of false alarms and missed failures per machine and month on unseen data, in the tariff's currency.",
            ["threshold"],
            registry=registry,
        )
        self._score = Gauge(
            "energytrack_model_score",
            "Scores of the model in use on unseen data.",
            ["score"],
            registry=registry,
        )
        self._refused = Counter(
            "energytrack_model_refused", "Model files that were refused and not opened.", ["reason"], registry=registry
        )
        self._scoring = Histogram(
            "energytrack_model_scoring_seconds",
            "Time to score a batch: features, model, reasons and recommendations.",
            registry=registry,
            buckets=SCORING_BUCKETS,
        )
        for reason in MISMATCHES:
            self._refused.labels(reason)

    def in_use(self, card: Card) -> None:
        """Record a new model in use."""
        if self._without_model is not None:
            self._without_model.register(self._created)
            self._without_model.register(self._threshold)
            self._without_model = None
        self._info.clear()
        self._info.labels(card.version, card.kind).set(1)
        self._created.set(card.created_at.timestamp())
        self._threshold.set(card.threshold)
        self._cost.clear()
        if isinstance(card.by_cost, ChosenByCost):
            self._cost.labels("in_use").set(card.by_cost.cost_per_month)
            self._cost.labels("by_budget").set(card.by_cost.cost_per_month_at_budget)
        self._score.clear()
        for name in SCORES:
            score = card.scores.get(name)
            if score is not None:
                self._score.labels(name).set(score)

    def scored(self, seconds: float) -> None:
        """Record a scored batch."""
        self._scoring.observe(seconds)

    def refused(self, error: ArtifactMismatch) -> None:
        """Record a refused model file."""
        self._refused.labels(error.reason).inc()
