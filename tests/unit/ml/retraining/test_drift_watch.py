"""Whether the plant has changed, looked at in its own history."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from msgspec import UNSET
from msgspec.structs import replace as changed

from ml.datasets.stored_history import spec_for
from ml.datasets.tabulate import tabulate
from ml.measures.drift import reference
from ml.models.card import Champion
from ml.models.estimators import Model
from ml.retraining.drift_watch import look
from testkit.builders.recordings import START, TemperatureClassifier, a_champion
from testkit.builders.retraining import END, PAST, a_history


@pytest.fixture(scope="module")
def hot() -> Champion:
    """A model that looks at every feature, and back for a day and a half; made of the first half of the past."""
    spec = changed(spec_for(a_history())[0], windows=(2, 4, 6), baseline_blocks=4)
    table = tabulate(PAST, spec)
    older = table.where(table.at_ms < START.timestamp() * 1000 + 240 * 3_600_000)
    probability = TemperatureClassifier().predict_proba(older.features)[:, 1]
    then = reference(older.features, spec.names, probability, machines=10)
    made = a_champion(spec=spec, features=spec.names, reference=then)
    return Champion(made.card, Model("random_forest", spec.names, TemperatureClassifier()))


class TestDrift:
    def test_a_plant_that_stays_as_it_was_does_not_drift(self, hot: Champion) -> None:
        """Some machines' last day against what the model was made of."""
        drift = look(a_history(), hot, machines=10, rng=np.random.default_rng(1))
        assert drift is not None
        assert drift.share < 0.1
        assert drift.probability < 0.1
        assert drift.machines == 10

    def test_sensors_that_were_exchanged_are_drift_and_are_named(self, hot: Champion) -> None:
        """All of them at once."""
        moved = replace(
            PAST, values={name: column + 10.0 * (name != "current") for name, column in PAST.values.items()}
        )
        drift = look(a_history(moved), hot, machines=10, rng=np.random.default_rng(1))
        assert drift is not None
        assert {name.split("_")[0] for name, _ in drift.worst(8)} == {"pressure", "temperature"}
        assert drift.worst(1)[0][1] > 1.0
        assert drift.probability > 0.25

    @pytest.mark.parametrize("broken", ["departs", "sticks", "is lost"])
    def test_one_sensor_that_breaks_alone_is_no_change_of_the_plant(self, hot: Champion, broken: str) -> None:
        """Its machine is to be looked at; a season or a product moves many machines, and the model must follow."""
        own = PAST.device == 3
        values = PAST.values["temperature"].copy()
        values[own] = {"departs": values[own] + 30.0, "sticks": 41.5, "is lost": np.nan}[broken]
        alone = replace(PAST, values={**PAST.values, "temperature": values})
        drift = look(a_history(alone), hot, machines=10, rng=np.random.default_rng(1))
        assert drift is not None
        assert drift.share < 0.1
        assert drift.probability < 0.1

    def test_machines_are_drawn_by_chance_and_no_more_than_asked(self, hot: Champion) -> None:
        """So that looking costs the same in any plant."""
        drift = look(a_history(), hot, machines=4, rng=np.random.default_rng(1))
        assert drift is not None
        assert drift.machines == 4

    def test_without_a_reference_or_enough_history_nothing_is_said(self, hot: Champion) -> None:
        """Rather than something wrong."""
        rng = np.random.default_rng(1)
        assert look(a_history(since=END - timedelta(hours=30)), hot, machines=5, rng=rng) is None
        bare = Champion(changed(hot.card, reference=UNSET), hot.model)
        assert look(a_history(), bare, machines=5, rng=rng) is None
