"""What each feature adds to a score: the way through the trees, split by split."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from ml.models.estimators import KINDS, Calibrated, Forests, Kind
from ml.scoring.trees import LEAF, ROWS, Trees, trees_of
from testkit.builders.recordings import TemperatureClassifier
from testkit.builders.trained_models import a_trained_champion, rows_before_failures


def one_split(*, missing_left: bool) -> Trees:
    """A tree by hand: column 1 at most 5.0 means 0.2, above it 0.8; half of the training rows went each way."""
    return Trees(
        roots=np.array([0]),
        feature=np.array([1, LEAF, LEAF]),
        threshold=np.array([5.0, 0.0, 0.0]),
        left=np.array([1, 1, 2]),
        right=np.array([2, 1, 2]),
        missing_left=np.array([missing_left, False, False]),
        value=np.array([0.5, 0.2, 0.8]),
    )


def test_the_step_from_a_node_to_its_child_is_the_split_features() -> None:
    """A value that lies on the threshold goes left."""
    trees = one_split(missing_left=True)
    assert trees.base == 0.5
    rows = np.array([[9.0, 5.0], [0.0, 5.1]], dtype=np.float32)
    np.testing.assert_allclose(trees.contributions(rows), [[0.0, -0.3], [0.0, 0.3]])


@pytest.mark.parametrize(("missing_left", "step"), [(True, -0.3), (False, 0.3)])
def test_a_missing_value_goes_where_the_training_sent_it(missing_left: bool, step: float) -> None:
    unknown = np.array([[0.0, np.nan]], dtype=np.float32)
    np.testing.assert_allclose(one_split(missing_left=missing_left).contributions(unknown), [[0.0, step]])


def test_any_number_of_rows_walks() -> None:
    """None, and more than walk at once."""
    trees = one_split(missing_left=True)
    assert trees.contributions(np.zeros((0, 2), dtype=np.float32)).shape == (0, 2)
    many = np.tile(np.array([[0.0, 1.0], [0.0, 9.0]], dtype=np.float32), (ROWS, 1))
    np.testing.assert_allclose(trees.contributions(many)[:, 1], np.tile([-0.3, 0.3], ROWS))


@pytest.mark.parametrize("kind", KINDS)
def test_contributions_and_the_usual_score_sum_up_to_the_score(kind: Kind) -> None:
    """Of every kind of model that there is: one that cannot be explained shows here."""
    estimator = a_trained_champion(kind).model.estimator
    assert isinstance(estimator, Calibrated)
    trees, rows = trees_of(estimator.estimator), rows_before_failures()
    assert trees is not None
    score = trees.base + trees.contributions(rows).sum(axis=1)
    if kind == "gradient_boosting":
        score = 1.0 / (1.0 + np.exp(-score))
    np.testing.assert_allclose(score, estimator.estimator.predict_proba(rows)[:, 1], atol=1e-6)


def test_members_of_a_pair_of_forests_count_half_each_by_the_columns_of_the_whole() -> None:
    """The second forest sees one column only, the last one."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(300, 3)).astype(np.float32)
    label = (features[:, 2] > 0).astype(np.int64)
    forests = [
        (RandomForestClassifier(5, max_depth=3, random_state=0).fit(features[:, columns], label), columns)
        for columns in (np.array([0, 1, 2]), np.array([2]))
    ]
    together = Forests(forests)
    trees = trees_of(together)
    assert trees is not None
    score = trees.base + trees.contributions(features).sum(axis=1)
    np.testing.assert_allclose(score, together.predict_proba(features)[:, 1], atol=1e-6)


def test_what_is_not_made_of_trees_has_none() -> None:
    assert trees_of(TemperatureClassifier()) is None
