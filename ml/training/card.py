"""The card of a newly trained model."""

from datetime import UTC, datetime

import numpy as np
from msgspec import UNSET

from ml.datasets.splits import Split
from ml.datasets.table import Table
from ml.measures.drift import reference
from ml.models.card import Card, TrainedOn
from ml.models.estimators import columns
from ml.models.self_test import self_test_of
from ml.training.learning import SplitQuality, Trained


def card(trained: Trained, table: Table, split: Split, *, history: str, now: datetime) -> Card:
    """The card of a trained model, without version, checksum and signature."""
    fit = table.where(split.fit)
    used = columns(table.spec.names, trained.model.features)
    by_cost = UNSET if trained.by_cost is None else trained.by_cost
    return Card(
        version="",
        created_at=now,
        kind=trained.model.kind,
        horizon_hours=table.horizon_ms / 3.6e6,
        threshold=trained.threshold,
        spec=table.spec,
        features=trained.model.features,
        trained_on=TrainedOn(
            name=history,
            devices=len(np.unique(fit.device)),
            since=datetime.fromtimestamp(int(fit.at_ms.min()) / 1000, UTC),
            until=datetime.fromtimestamp(int(fit.at_ms.max()) / 1000, UTC),
            rows=len(fit),
            failures=len(np.unique(fit.event[fit.event >= 0])),
        ),
        scores=scores(trained.measured),
        self_test=self_test_of(trained.model, fit.features[:: max(len(fit) // 500, 1)][:, used]),
        by_cost=by_cost,
        seen_until=datetime.fromtimestamp(_seen_until(table, split) / 1000, UTC),
        reference=reference(
            fit.features[~fit.training_only][:, used],
            trained.model.features,
            trained.measured.probability,
            machines=len(np.unique(fit.device)),
        ),
    )


def _seen_until(table: Table, split: Split) -> int:
    """The time until which data was used, in milliseconds: labels look one horizon ahead."""
    return int(table.at_ms[split.fit | split.validate | split.past].max()) + table.horizon_ms


def scores(measured: SplitQuality) -> dict[str, float | None]:
    """Scores by their names on a card; None if there was nothing to measure."""
    p, a = measured.probabilities, measured.alarms
    named = {
        "pr_auc": p.pr_auc,
        "prevalence": p.prevalence,
        "roc_auc": p.roc_auc,
        "brier": p.brier,
        "calibration_error": p.calibration_error,
        "event_recall": a.recall,
        "events": float(a.events),
        "false_alarms": a.false_per_month,
        "alarm_precision": a.precision,
        "lead_hours_median": a.lead(0.5),
        "lead_hours_p10": a.lead(0.1),
    }
    return {name: None if np.isnan(value) else round(value, 6) for name, value in named.items()}
