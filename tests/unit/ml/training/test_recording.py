from pathlib import Path

import pytest

from energytrack.clock import ManualClock
from energytrack.recording import Recording
from ml.models.estimators import ModelSize, Recipe
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
