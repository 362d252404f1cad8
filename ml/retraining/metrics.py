"""What retraining did and how far the plant has drifted, as metrics; made per scrape from the newest that is known."""

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
"""So many features that have moved the furthest are shown."""
WHYS: Final = (*AGAINST, *IN_FAVOUR, "by_hand", ERROR)


@dataclass(frozen=True)
class RunHistory:
    """What the records say; runs by hand, in other processes, are among them."""

    verdicts: Mapping[str, int] = field(default_factory=dict)
    whys: Mapping[str, int] = field(default_factory=dict)
    run: Run | None = None
    """The last run, rollbacks left out."""
    success: Run | None = None
    """The last one that came to a decision."""
    promotion: Run | None = None

    @classmethod
    def of(cls, runs: Runs) -> "RunHistory":
        """As the store has it now."""
        verdicts, whys = runs.counts()
        return cls(
            verdicts, whys, run=runs.last("promoted", "kept", "failed"), success=runs.last("promoted", "kept"),
            promotion=runs.last("promoted"),
        )  # fmt: skip


class RetrainingMetrics(Collector):
    """Told by the service's loop, asked by scrapes on other threads: it holds whole values only."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.history = RunHistory()
        self.running = False
        self.drift: Drift | None = None
        self.looked_at: datetime | None = None
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """What is not known is left out."""
        history = self.history
        yield _counted(
            CounterMetricFamily(
                "energytrack_retraining_runs_total", "Runs of retraining by what they came to.", labels=["verdict"]
            ),
            VERDICTS,
            history.verdicts,
        )
        yield _counted(
            CounterMetricFamily(
                "energytrack_retraining_reasons_total", "Reasons that runs of retraining gave.", labels=["why"]
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
            "energytrack_retraining_last_run_timestamp_seconds", "When the last run of retraining ended.",
            value=history.run.finished_at.timestamp(),
        )  # fmt: skip
    if history.success:
        yield GaugeMetricFamily(
            "energytrack_retraining_last_success_timestamp_seconds",
            "When the last run of retraining ended that came to a decision.",
            value=history.success.finished_at.timestamp(),
        )
    if history.promotion:
        yield GaugeMetricFamily(
            "energytrack_retraining_last_promotion_timestamp_seconds",
            "When the last run of retraining ended that put a new model into use.",
            value=history.promotion.finished_at.timestamp(),
        )


def _last(history: RunHistory) -> Iterator[Metric]:
    if history.run is None:
        return
    yield GaugeMetricFamily(
        "energytrack_retraining_last_run_duration_seconds", "How long the last run of retraining took.",
        value=(history.run.finished_at - history.run.started_at).total_seconds(),
    )  # fmt: skip
    if history.success:
        yield GaugeMetricFamily(
            "energytrack_retraining_last_run_events",
            "Failures in the newest block when the gate last decided; with too few the champion stays.",
            value=history.success.events,
        )
    said = GaugeMetricFamily(
        "energytrack_retraining_last_run_info",
        "What the last run of retraining came to, and one of its reasons each, in words.",
        labels=["verdict", "why", "about", "reason"],
    )
    for reason in history.run.reasons:
        said.add_metric([history.run.verdict, reason.why, reason.about, reason.text], 1.0)
    yield said


def _drift(drift: Drift | None, looked_at: datetime | None) -> Iterator[Metric]:
    if drift is None or looked_at is None:
        return
    yield GaugeMetricFamily(
        "energytrack_model_drift_timestamp_seconds", "When drift was last looked for.", value=looked_at.timestamp()
    )
    yield GaugeMetricFamily(
        "energytrack_model_drift_features_ratio",
        "Share of features whose distribution is another one than when the model was made.",
        value=drift.share,
    )
    yield GaugeMetricFamily(
        "energytrack_model_drift_probability_index",
        "Population stability index of the failure probabilities, chance taken off; 0.25 is much.",
        value=drift.probability,
    )
    moved = GaugeMetricFamily(
        "energytrack_model_drift_feature_index",
        "Population stability index of the ten features that moved furthest, chance taken off; 0.25 is much.",
        labels=["feature"],
    )
    for name, value in drift.worst(SHOWN):
        moved.add_metric([name], value)
    yield moved
