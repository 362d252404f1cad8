import numpy as np
import pytest

from ml.datasets.splits import by_time
from ml.datasets.table import Table
from ml.models.estimators import ModelSize, Recipe
from ml.training.card import card
from ml.training.learning import learn
from testkit.builders.messages import NOW


@pytest.mark.slow
def test_a_card_tells_what_the_model_was_made_of(table: Table) -> None:
    """And how far it has looked: labels look a horizon ahead of the last row."""
    split = by_time(table)
    made = card(
        learn(table, split, budget=1.0, recipe=Recipe(size=ModelSize(trees=8, depth=6))), table, split,
        history="made up", now=NOW,
    )  # fmt: skip
    fit = table.where(split.fit)
    assert (made.trained_on.rows, made.trained_on.devices) == (len(fit), len(np.unique(fit.device)))
    seen = int(table.at_ms[split.fit | split.validate | split.past].max()) + table.horizon_ms
    assert made.seen_until is not None
    assert made.seen_until.timestamp() * 1000 == seen  # type: ignore[union-attr]
    assert set(made.features) <= set(table.spec.names)
    assert made.version == made.sha256 == ""
    assert all(value is None or np.isfinite(value) for value in made.scores.values())
