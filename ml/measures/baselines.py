"""Baselines that a model must beat: three dummies without the machine's signals, and three simple rules."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression

from ml.arrays import Floats
from ml.datasets.table import Table
from ml.features.spec import duration

HOUR_MS: Final = 3_600_000


def prevalence(fit: Table, test: Table) -> Floats:
    """The share of rows before a failure, for every row."""
    return np.full(len(test), float(fit.label[~fit.training_only].mean()))


def clock(fit: Table, test: Table) -> Floats:
    """Uses the hour of the day and the day of the week only."""
    return _logistic(_clock(fit), fit, _clock(test))


def age(fit: Table, test: Table) -> Floats:
    """Uses the machine's age only."""
    return _logistic(_age(fit), fit, _age(test))


def threshold_rule(fit: Table, test: Table) -> Floats:
    """The largest deviation of a signal from the usual value of its type, like the alarm limits of controllers.

    The largest robust deviation of the shortest window's means from the type's median, mapped to 0 to 1.
    """
    spec = fit.spec
    columns = [spec.names.index(signal) for signal in spec.signals]
    kinds = np.unique(np.array(fit.device_types, dtype=np.str_))
    score = np.zeros(len(test))
    fit_kind, test_kind = (np.array(t.device_types, dtype=np.str_)[t.device] for t in (fit, test))
    for kind in kinds:
        own = fit.features[fit_kind == kind][:, columns]
        rows = test_kind == kind
        if len(own) == 0 or not rows.any():
            continue
        middle = np.nanmedian(own, axis=0)
        spread = 1.4826 * np.nanmedian(np.abs(own - middle), axis=0) + np.array(spec.floors)
        off = np.abs(test.features[rows][:, columns] - middle) / spread
        score[rows] = np.nan_to_num(off, nan=0.0).max(axis=1)
    return score / (1.0 + score)


def warnings(fit: Table, test: Table) -> Floats:
    """Counts the machine's own warning codes of the last day, mapped to 0 to 1; learns nothing."""
    return _counted(f"codes_{duration(fit.spec.code_hours[-1] * 3600)}", test)


def open_warnings(fit: Table, test: Table) -> Floats:
    """Counts those within a horizon and since the last repair, in the same way."""
    spans = fit.spec.codes_since_repair
    return _counted(spans[len(spans) // 2], test) if spans else np.zeros(len(test))


BASELINES: Final[Mapping[str, Callable[[Table, Table], Floats]]] = MappingProxyType(
    {
        "prevalence": prevalence,
        "clock only": clock,
        "age only": age,
        "threshold rule": threshold_rule,
        "warnings": warnings,
        "warnings since repair": open_warnings,
    }
)


def _counted(feature: str, table: Table) -> Floats:
    count = np.nan_to_num(table.features[:, table.spec.names.index(feature)].astype(np.float64))
    return count / (1.0 + count)


def _clock(table: Table) -> Floats:
    hour = (table.at_ms // HOUR_MS % 24) * (2 * np.pi / 24)
    day = (table.at_ms // (24 * HOUR_MS) % 7) * (2 * np.pi / 7)
    return np.column_stack([np.sin(hour), np.cos(hour), np.sin(day), np.cos(day)])


def _age(table: Table) -> Floats:
    years = np.nan_to_num(table.features[:, table.spec.names.index("age_years")].astype(np.float64))
    return np.column_stack([years, years**2])


def _logistic(x: Floats, fit: Table, ask: Floats) -> Floats:
    spread = np.maximum(x.std(axis=0), 1e-9)
    middle = x.mean(axis=0)
    if len(np.unique(fit.label)) < 2:  # nothing to learn: any constant is as good
        return np.full(len(ask), float(fit.label.mean()))
    learnt = LogisticRegression(max_iter=200).fit((x - middle) / spread, fit.label)
    return np.asarray(learnt.predict_proba((ask - middle) / spread)[:, 1])
