"""A model shows on some rows that it says what it said."""

import numpy as np
import pytest

from ml.models.estimators import Model
from ml.models.self_test import ROWS, deviation, self_test_of
from testkit.builders.recordings import Hot

ROWS_OF_HEAT = np.linspace(0, 120, 200, dtype=np.float32)[:, None]
MODEL = Model("random_forest", ("temperature",), Hot())


def test_the_same_model_says_the_same() -> None:
    """Of calm rows and of alarming ones; a row may hold what is not known."""
    rows = ROWS_OF_HEAT.copy()
    rows[0] = np.nan
    test = self_test_of(MODEL, rows)
    assert len(test.probabilities) == ROWS
    assert test.probabilities[0] < 0.05
    assert test.probabilities[-1] > 0.95
    assert deviation(MODEL, test) == 0.0


class Colder(Hot):
    """The same classifier, a little off."""

    def predict_proba(self, features):  # type: ignore[no-untyped-def]
        return super().predict_proba(features - 1.0)


def test_another_one_is_found_out() -> None:
    test = self_test_of(MODEL, ROWS_OF_HEAT)
    assert deviation(Model("random_forest", ("temperature",), Colder()), test) == pytest.approx(0.01, abs=1e-5)
