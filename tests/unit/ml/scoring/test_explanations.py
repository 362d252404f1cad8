from functools import lru_cache

import numpy as np
import pytest

from ml.arrays import Matrix
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from ml.models.card import Champion
from ml.models.estimators import KINDS, Calibrated, Kind, Model, ModelSize, Recipe, varying
from ml.scoring.explanations import EVERY_MS, MOST, Explainer, Explanations
from ml.scoring.trees import trees_of
from ml.training.fitting import train
from testkit.ml_builders import a_champion, a_worn_recording


@lru_cache
def history() -> Table:
    recording = a_worn_recording(devices=4, hours=200)
    return tabulate(recording, describe(recording))


@lru_cache
def trained(kind: Kind) -> Champion:
    """A real model, small and quick to train, of machines that warm up and warn before they fail."""
    table = history()
    used = varying(table.features)
    names = tuple(name for name, one in zip(table.spec.names, used.tolist(), strict=True) if one)
    estimator = train(Recipe(kind=kind, size=ModelSize(trees=20, depth=5)), table, used)
    plain = a_champion(kind=kind, spec=table.spec, features=names)
    return Champion(plain.card, Model(kind, names, Calibrated(estimator, 2.5, -1.0)))


def rows() -> Matrix:
    """Of machines that were about to fail, and some of which much is not known."""
    table = history()
    used = varying(table.features)
    risky: Matrix = table.features[table.label == 1][:40, used].copy()
    risky[::3, ::4] = np.nan
    return risky


@pytest.mark.parametrize("kind", KINDS)
def test_contributions_and_the_usual_score_sum_up_to_the_score(kind: Kind) -> None:
    """Of every kind of model that there is: one that cannot be explained shows here."""
    model = trained(kind).model
    assert isinstance(model.estimator, Calibrated)
    trees = trees_of(model.estimator.estimator)
    assert trees is not None
    score = trees.base + trees.contributions(rows()).sum(axis=1)
    if kind == "gradient_boosting":
        score = 1.0 / (1.0 + np.exp(-score))
    np.testing.assert_allclose(score, model.estimator.estimator.predict_proba(rows())[:, 1], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_reasons_of_machines_about_to_fail_are_what_was_wrong_with_them(kind: Kind) -> None:
    """They had warmed up, and warned: in words, the strongest first, each subject once."""
    told = Explainer(trained(kind)).factors(rows()[1:2])[0]
    assert 0 < len(told) <= MOST
    contributions = [factor.contribution for factor in told]
    assert contributions == sorted(contributions, reverse=True)
    assert sum(contributions) <= 1.0
    said = " ".join(factor.text for factor in told)
    assert "warning" in said or "temperature" in said
    assert all(factor.text and factor.feature in trained(kind).card.spec.names for factor in told)


def test_a_model_without_trees_gives_no_reasons() -> None:
    """Better none than wrong ones."""
    assert Explainer(a_champion()).factors(np.zeros((2, 1), dtype=np.float32)) == [(), ()]


def test_a_machine_at_risk_keeps_its_reasons_for_a_while() -> None:
    """They are looked for again when it has lived on for ten seconds, or when its clock went back."""
    asked: list[int] = []

    class Counting(Explainer):
        def factors(self, rows: Matrix) -> list[tuple[()]]:  # type: ignore[override]
            asked.append(len(rows))
            return [()] * len(rows)

    reasons = Explanations(Counting(a_champion()))
    row = np.zeros((3, 1), dtype=np.float32)
    reasons.update(np.array([0, 1, 0]), np.array([0, 0, 1000]), row)
    assert asked == [2]
    reasons.update(np.array([0, 1, 1]), np.array([EVERY_MS - 1, EVERY_MS, EVERY_MS + 1]), row)
    assert asked == [2, 1]
    reasons.forget(np.array([0]))
    reasons.update(np.array([0]), np.array([EVERY_MS]), row[:1])
    assert asked == [2, 1, 1]


def test_reasons_do_not_depend_on_how_readings_are_cut_into_batches() -> None:
    champion = trained("random_forest")
    many = rows()
    device, at_ms = np.arange(40) % 2, np.arange(40) * 4_000
    at_once = Explanations(Explainer(champion)).update(device, at_ms, many)
    reasons = Explanations(Explainer(champion))
    one_by_one = [
        told for i in range(40) for told in reasons.update(device[i : i + 1], at_ms[i : i + 1], many[i : i + 1])
    ]
    assert at_once == one_by_one
