import numpy as np
import pytest

from ml.arrays import Matrix
from ml.models.estimators import KINDS, Kind
from ml.scoring.explanations import EVERY_MS, MOST, Explainer, Explanations, Reasons
from testkit.builders.recordings import a_champion
from testkit.builders.trained_models import a_trained_champion, rows_before_failures


@pytest.mark.parametrize("kind", KINDS)
def test_the_reasons_of_machines_about_to_fail_are_what_was_wrong_with_them(kind: Kind) -> None:
    """They had warmed up, and warned: in words, the strongest first, each subject once."""
    explained = Explainer(a_trained_champion(kind)).explain(rows_before_failures()[1:2])[0].factors
    assert 0 < len(explained) <= MOST
    contributions = [factor.contribution for factor in explained]
    assert contributions == sorted(contributions, reverse=True)
    assert sum(contributions) <= 1.0
    said = " ".join(factor.text for factor in explained)
    assert "warning" in said or "temperature" in said
    assert all(factor.text and factor.feature in a_trained_champion(kind).card.spec.names for factor in explained)


def test_a_model_without_trees_gives_no_reasons() -> None:
    """Better none than wrong ones."""
    explained = Explainer(a_champion()).explain(np.zeros((2, 1), dtype=np.float32))
    assert [reasons.factors for reasons in explained] == [(), ()]


def test_a_machine_at_risk_keeps_its_reasons_for_a_while() -> None:
    """They are looked for again when it has lived on for ten seconds, or when its clock went back."""
    asked: list[int] = []

    class CountingExplainer(Explainer):
        def explain(self, rows: Matrix) -> list[Reasons]:
            asked.append(len(rows))
            return super().explain(rows)

    reasons = Explanations(CountingExplainer(a_champion()))
    row = np.zeros((3, 1), dtype=np.float32)
    reasons.update(np.array([0, 1, 0]), np.array([0, 0, 1000]), row)
    assert asked == [2]
    reasons.update(np.array([0, 1, 1]), np.array([EVERY_MS - 1, EVERY_MS, EVERY_MS + 1]), row)
    assert asked == [2, 1]
    reasons.forget(np.array([0]))
    reasons.update(np.array([0]), np.array([EVERY_MS]), row[:1])
    assert asked == [2, 1, 1]


def test_reasons_do_not_depend_on_how_readings_are_cut_into_batches() -> None:
    champion = a_trained_champion("random_forest")
    many = rows_before_failures()
    device, at_ms = np.arange(40) % 2, np.arange(40) * 4_000
    at_once = Explanations(Explainer(champion)).update(device, at_ms, many)
    reasons = Explanations(Explainer(champion))
    one_by_one = [
        explained
        for i in range(40)
        for explained in reasons.update(device[i : i + 1], at_ms[i : i + 1], many[i : i + 1])
    ]
    assert at_once == one_by_one
