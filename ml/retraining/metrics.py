"""Metrics of retraining and drift, computed per scrape from the latest records."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from energytrack.store.learning.runs import VERDICTS, Run, Runs
from ml.measures.drift import Drift
from ml.retraining.gate import AGAINST, IN_FAVOUR
from ml.retraining.retrainer import ERROR

SHOWN: Final = 10
"""Number of most changed features that are exported."""
WHYS: Final = (*AGAINST, *IN_FAVOUR, "by_hand", ERROR)


@dataclass(frozen=True)
class RunHistory:
    """The content of the records; includes runs by command, in other processes."""

    verdicts: Mapping[str, int] = field(default_factory=dict)
    whys: Mapping[str, int] = field(default_factory=dict)
    run: Run | None = None
    """The last run, except rollbacks."""
    success: Run | None = None
    """The last one that reached a decision."""
    promotion: Run | None = None

    @classmethod
    def of(cls, runs: Runs) -> "RunHistory":
        """The current content of the store."""
        verdicts, whys = runs.counts()
        return cls(
            verdicts, whys, run=runs.last("promoted", "kept", "failed"), success=runs.last("promoted", "kept"),
            promotion=runs.last("promoted"),
        )  # fmt: skip


class RetrainingMetrics(Collector):
    """Exports values that the service's loop sets and other threads scrape: always complete ones."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.history = RunHistory()
        self.running = False
        self.drift: Drift | None = None
        self.looked_at: datetime | None = None
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """The metrics; unknown values are absent."""
        history = self.history
        yield _counted(
            CounterMetricFamily("energytrack_retraining_runs_total", "Retraining runs by outcome.", labels=["verdict"]),
            VERDICTS,
            history.verdicts,
        )
        yield _counted(
            CounterMetricFamily(
                "energytrack_retraining_reasons_total", "Reasons given by retraining runs.", labels=["why"]
            ),
            WHYS,
            history.whys,
        )
        yield GaugeMetricFamily(
            "energytrack_retraining_running", "1 while this service retrains.", value=float(self.running)
        )
        yield from _moments(history)
        yield from _last(history)
        yield from _drift(self.drift, self.looked_at)


def _counted(family: CounterMetricFamily, names: tuple[str, ...], counts: Mapping[str, int]) -> Metric:
    for name in dict.fromkeys((*names, *counts)):
        family.add_metric([name], counts.get(name, 0))
    return family


def _moments(history: RunHistory) -> Iterator[Metric]:
    if history.run:
        yield GaugeMetricFamily(
            "energytrack_retraining_last_run_timestamp_seconds", "When the last retraining run ended.",
            value=history.run.finished_at.timestamp(),
        )  # fmt: skip
    if history.success:
        yield GaugeMetricFamily(
            "energytrack_retraining_last_success_timestamp_seconds",
            "When the last retraining run that reached a decision ended.",
            value=history.success.finished_at.timestamp(),
        )
    if history.promotion:
        yield GaugeMetricFamily(
            "energytrack_retraining_last_promotion_timestamp_seconds",
            "When the last retraining run that promoted a new model ended.",
            value=history.promotion.finished_at.timestamp(),
        )


def _last(history: RunHistory) -> Iterator[Metric]:
    if history.run is None:
        return
    yield GaugeMetricFamily(
        "energytrack_retraining_last_run_duration_seconds", "How long the last retraining run took.",
        value=(history.run.finished_at - history.run.started_at).total_seconds(),
    )  # fmt: skip
    if history.success:
        yield GaugeMetricFamily(
            "energytrack_retraining_last_run_events",
            "Failures in the newest block when the gate last decided; with too few, the champion stays.",
            value=history.success.events,
        )
    last_run = GaugeMetricFamily(
        "energytrack_retraining_last_run_info",
        "The outcome of the last retraining run and its reasons, in words; one series for each reason.",
        labels=["verdict", "why", "about", "reason"],
    )
    for reason in history.run.reasons:
        last_run.add_metric([history.run.verdict, reason.why, reason.about, reason.text], 1.0)
    yield last_run


def _drift(drift: Drift | None, looked_at: datetime | None) -> Iterator[Metric]:
    if drift is None or looked_at is None:
        return
    yield GaugeMetricFamily(
        "energytrack_model_drift_timestamp_seconds", "When drift was last checked.", value=looked_at.timestamp()
    )
    yield GaugeMetricFamily(
        "energytrack_model_drift_features_ratio",
        "Share of features whose distribution has changed since the model was trained.",
        value=drift.share,
    )
    yield GaugeMetricFamily(
        "energytrack_model_drift_probability_index",
        "Population stability index of the failure probabilities, less the part expected by chance; 0.25 is much.",
        value=drift.probability,
    )
    moved = GaugeMetricFamily(
        "energytrack_model_drift_feature_index",
        "Population stability index of the ten most changed features, less the part expected by chance; 0.25 is much.",
        labels=["feature"],
    )
    for name, value in drift.worst(SHOWN):
        moved.add_metric([name], value)
    yield moved
