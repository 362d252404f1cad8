from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from energytrack.clock import ManualClock
from energytrack.recording import Recording
from ml.models.estimators import KINDS, ModelSize, Recipe
from ml.training import fitting
from ml.training.recording import train_on
from testkit.builders.messages import NOW

SMALL = Recipe(size=ModelSize(trees=20, depth=8))


@pytest.mark.slow
def test_training_twice_gives_the_same_model(recording: Recording, tmp_path: Path) -> None:
    """The same history, code and time: the same version."""
    made = [
        train_on(recording, tmp_path / f"{n}.pkl", key=None, budget=1.0, clock=ManualClock(NOW), recipe=SMALL)[0]
        for n in range(2)
    ]
    assert made[0] == made[1]


@pytest.mark.slow
def test_machines_left_out_are_measured_with_the_kind_that_was_chosen(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first choice decides; what to expect of unseen machines is said of that kind, whatever they would choose."""
    choices = iter(KINDS)

    def another_each_time(_table: Any, recipe: Recipe, *, used: Any) -> tuple[Recipe, tuple[()]]:
        return (replace(recipe, kind=next(choices)) if recipe.rivals else recipe), ()

    monkeypatch.setattr(fitting, "choose", another_each_time)
    made, report = train_on(
        recording, tmp_path / "model.pkl", key=None, budget=1.0, clock=ManualClock(NOW),
        recipe=replace(SMALL, rivals=KINDS),
    )  # fmt: skip
    assert made.kind == "random_forest"
    assert [row.name for row in report if row.split == report[-1].split] == [report[0].name]
