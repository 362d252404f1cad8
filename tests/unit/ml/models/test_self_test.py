"""A model shows on some rows that it says what it said."""

import numpy as np
import pytest
from msgspec import UNSET

from ml.models.estimators import Calibrated, Model
from ml.models.life import LEVELS, Life, LifeBins
from ml.models.self_test import ROWS, deviation, self_test_of
from testkit.builders.recordings import TemperatureClassifier

ROWS_OF_HEAT = np.linspace(0, 120, 200, dtype=np.float32)[:, None]
MODEL = Model("random_forest", ("temperature",), TemperatureClassifier())


def test_the_same_model_says_the_same() -> None:
    """Of calm rows and of alarming ones; a row may hold what is not known."""
    rows = ROWS_OF_HEAT.copy()
    rows[0] = np.nan
    test = self_test_of(MODEL, rows)
    assert len(test.probabilities) == ROWS
    assert test.probabilities[0] < 0.05
    assert test.probabilities[-1] > 0.95
    assert deviation(MODEL, test) == 0.0


class Colder(TemperatureClassifier):
    """The same classifier, a little off."""

    def predict_proba(self, features):  # type: ignore[no-untyped-def]
        return super().predict_proba(features - 1.0)


def test_another_one_is_found_out() -> None:
    test = self_test_of(MODEL, ROWS_OF_HEAT)
    assert deviation(Model("random_forest", ("temperature",), Colder()), test) == pytest.approx(0.01, abs=1e-5)


def test_a_model_that_tells_other_lives_is_found_out() -> None:
    """Hours of remaining life are part of what it said, where it tells them."""

    def telling(hours: float) -> Model:
        bins = LifeBins(np.zeros(0), np.full((1, len(LEVELS)), hours))
        known = Calibrated(TemperatureClassifier(), 1.0, 0.0)
        known.life = Life(100.0, bins)
        return Model("random_forest", ("temperature",), known)

    test = self_test_of(telling(40.0), ROWS_OF_HEAT)
    assert deviation(telling(40.0), test) == 0.0
    assert deviation(telling(41.5), test) == 1.5
    silent = Model("random_forest", ("temperature",), Calibrated(TemperatureClassifier(), 1.0, 0.0))
    assert deviation(silent, test) == float("inf")
    assert self_test_of(silent, ROWS_OF_HEAT).life_hours is UNSET
