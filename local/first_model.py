"""`python -m local.first_model`: if no model is in use, train one on a simulated history.

The step before `ml_consumer` in Compose and on Kubernetes. Run again, it does nothing: the model is in the database.
"""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from energytrack.clock import SystemClock
from energytrack.running.logs import configure_logging
from energytrack.running.service import entry
from energytrack.settings import MongoSettings, PlantSettings, ServiceSettings, read_all
from energytrack.store.open import open_store
from energytrack.store.retrying import RetryPolicy
from local.errors import CannotPrepare
from ml.errors import ArtifactMismatch
from ml.retraining.registry import ModelRegistry, NoSuchModel
from ml.settings import MlSettings, RetrainSettings
from simulator.settings import SimulatorSettings

log = structlog.get_logger(__name__)

NAME: Final = "first-model"
Run = Callable[..., None]
"""Runs a module as a program, with arguments; raises CannotPrepare if it fails."""


def main(env: Mapping[str, str]) -> None:
    """Provide the first model, with the database of the environment; waits until it answers."""
    common, mongo, site, ml, retrain = read_all(
        env, ServiceSettings, MongoSettings, PlantSettings, MlSettings, RetrainSettings
    )
    configure_logging(level=common.log_level, log_format=common.log_format, service=NAME)
    with closing(open_store(mongo)) as store:
        clock = SystemClock()
        persist = RetryPolicy(stop=threading.Event(), clock=clock, registry=CollectorRegistry())
        persist(store.prepare)
        registry = ModelRegistry(store, ml.model_file, ml.key(), keep=retrain.keep, clock=clock)

        def run(module: str, *arguments: str) -> None:
            code = subprocess.run([sys.executable, "-m", module, *arguments], env=dict(env), check=False).returncode
            if code:
                raise CannotPrepare(f"{module} ended with code {code}; its output is above")

        provide(registry, ml, SimulatorSettings.from_env(env), plant_file=site.file, persist=persist, run=run)


def provide(
    registry: ModelRegistry,
    ml: MlSettings,
    simulated: SimulatorSettings,
    *,
    plant_file: Path,
    persist: RetryPolicy,
    run: Run,
) -> None:
    """Ensure that a model is in use that this release can open."""
    try:
        champion = persist(registry.settle)
    except (ArtifactMismatch, NoSuchModel) as error:
        log.warning("the model in use cannot be used by this release; another is trained", detail=str(error))
        champion = None
    if champion is not None:
        log.info("a model is in use", version=champion.card.version)
        return
    history = ml.model_file.parent / "history"
    if not history.exists():
        partial = history.with_name("history.partial")  # a step that is ended meanwhile begins again
        shutil.rmtree(partial, ignore_errors=True)
        run("simulator", "history", "--out", str(partial), "--profile", simulated.profile)
        partial.rename(history)
    run("ml.train_model", "--recording", str(history), "--plant", str(plant_file))
    card = persist(lambda: registry.adopt(ml.model_file))
    log.info("the first model is in use", version=card.version)


if __name__ == "__main__":
    entry(main)
