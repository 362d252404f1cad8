"""What a threshold may cost in false alarms."""

from typing import Final

import pytest

from ml.measures.budget import false_alarms_per_month

HOUR_MS: Final = 3_600_000


@pytest.mark.parametrize(
    ("horizon_ms", "allowed"),
    [(24 * HOUR_MS, 0.5), (HOUR_MS // 3, 36.0), (72 * HOUR_MS, 0.5), (0, 0.5)],
    ids=["a day", "20 minutes", "three days", "labelled stretches"],
)
def test_a_model_that_looks_less_far_ahead_decides_more_often(horizon_ms: int, allowed: float) -> None:
    assert false_alarms_per_month(0.5, horizon_ms=horizon_ms) == pytest.approx(allowed)
