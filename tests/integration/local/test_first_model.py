"""`python -m local.first_model` on a real database; training is tried in tests of `ml`."""

import threading
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.store import Store
from energytrack.store.retrying import RetryPolicy
from local.errors import CannotPrepare
from local.first_model import Run, provide
from ml.models.artifact import seal, write
from ml.retraining.registry import ModelRegistry
from ml.settings import MlSettings
from simulator.settings import SimulatorSettings
from testkit.builders.messages import NOW
from testkit.builders.recordings import a_champion
from testkit.builders.retraining import KEY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]


class FirstModel:
    """The step of a start, with programs that leave behind what the real ones would."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.settings = MlSettings(model_file=folder / "failure_model.pkl")
        self.begun: list[str] = []

    @property
    def registry(self) -> ModelRegistry:
        return ModelRegistry(self.store, self.settings.model_file, KEY, keep=5, clock=ManualClock(NOW))

    def take(self, run: Run | None = None) -> None:
        clock = ManualClock(NOW)
        persist = RetryPolicy(stop=threading.Event(), clock=clock, registry=CollectorRegistry())
        provide(
            self.registry, self.settings, SimulatorSettings(profile="plant"),
            plant_file=Path("plant.toml"), persist=persist, run=run or self._run,
        )  # fmt: skip

    def _run(self, module: str, *arguments: str) -> None:
        self.begun.append(module)
        if module == "simulator":
            assert arguments[-1] == "plant"
            Path(arguments[2]).mkdir(parents=True)
        else:
            champion = a_champion(created_at=NOW)
            card, artifact = seal(champion.model, champion.card, KEY)
            write(self.settings.model_file, card, artifact)


def test_a_model_is_trained_once_and_put_into_use(store: Store, tmp_path: Path) -> None:
    """Another start, on another computer, finds it in the database."""
    step = FirstModel(store, tmp_path / "here")
    step.take()
    assert step.begun == ["simulator", "ml.train_model"]
    again = FirstModel(store, tmp_path / "there")
    again.take()
    assert again.begun == []
    assert again.registry.version() is not None


def test_a_model_of_an_earlier_release_is_put_into_use(store: Store, tmp_path: Path) -> None:
    """It kept it in the file alone."""
    step = FirstModel(store, tmp_path)
    step._run("ml.train_model")
    step.begun.clear()
    step.take()
    assert step.begun == []
    assert step.registry.version() is not None


def test_a_history_that_was_broken_off_is_begun_again(store: Store, tmp_path: Path) -> None:
    """Half of one is never trained on."""
    step = FirstModel(store, tmp_path)

    def ended(module: str, *arguments: str) -> None:
        step._run(module, *arguments)
        raise CannotPrepare(f"{module} was ended")

    with pytest.raises(CannotPrepare):
        step.take(ended)
    step.begun.clear()
    step.take()
    assert step.begun == ["simulator", "ml.train_model"]


def test_a_model_that_this_release_refuses_is_replaced(store: Store, tmp_path: Path) -> None:
    store.models.use("lost", now=NOW)
    step = FirstModel(store, tmp_path)
    step.take()
    assert step.begun == ["simulator", "ml.train_model"]
    assert step.registry.version() is not None
