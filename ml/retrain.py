"""`python -m ml.retrain`: keeps the model up to date; `--now` retrains once, `rollback` undoes it.

`adopt` puts a model into use that was trained by hand.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from rich.console import Console

from energytrack.clock import Clock, SystemClock
from energytrack.plant import load_plant
from energytrack.running.launcher import launch_command
from energytrack.running.logs import configure_logging
from energytrack.running.service import entry, running
from energytrack.settings import MongoSettings, PlantSettings, ServiceSettings, read_all
from energytrack.store import Store
from energytrack.store.learning.runs import Run
from energytrack.store.open import open_store
from energytrack.store.retrying import RetryPolicy
from energytrack.store.unreadable_metric import UnreadableCollector
from ml.progress import progress_bars
from ml.retraining.composition import NAME, build, build_retrainer
from ml.retraining.retrainer import Retrainer
from ml.retraining.terminal import print_models_and_runs, print_run
from ml.settings import JoblibSettings, MlSettings, RetrainSettings

POLL_SECONDS: Final = 1.0


def main(env: Mapping[str, str], arguments: Sequence[str] | None = None) -> None:
    """Run the command; without arguments, serve."""
    options = _parsed(arguments)
    common, mongo, *_ = read_all(
        env, ServiceSettings, MongoSettings, PlantSettings, MlSettings, RetrainSettings, JoblibSettings
    )
    with closing(open_store(mongo)) as store:
        if not options.now and options.verb is None:
            _serve(common, store, env)
            return
        configure_logging(level="warning", log_format=common.log_format, service=NAME)
        store.prepare()
        retrainer = _retrainer(env, store, SystemClock())
        console = Console(width=110)
        if options.verb == "list":
            print_models_and_runs(console, retrainer)
        elif options.verb == "rollback":
            print_run(console, retrainer.roll_back(options.version))
        elif options.verb == "adopt":
            print_run(console, retrainer.adopt(options.file or MlSettings.from_env(env).model_file))
        else:
            run = _run_with_progress(retrainer)
            print_run(console, run)
            if run.verdict == "failed":
                sys.exit(1)


def _serve(common: ServiceSettings, store: Store, env: Mapping[str, str]) -> None:
    """Retrain when it is due, until `stop` is set."""
    with running(NAME, common) as service:
        persist = RetryPolicy(stop=service.stop, clock=service.clock, registry=service.registry, health=service.health)
        service.registry.register(UnreadableCollector(store.unreadable))
        retrainer = _retrainer(env, store, service.clock)
        retraining = build(
            retrainer, RetrainSettings.from_env(env), persist=persist, registry=service.registry, health=service.health
        )
        with service.health.long_work():
            persist(store.prepare)
        retraining.open()
        service.ready()
        while not service.stop.is_set():
            service.health.beat()
            if not retraining.poll():
                service.pause(POLL_SECONDS)


def _retrainer(env: Mapping[str, str], store: Store, clock: Clock) -> Retrainer:
    site, ml, settings, joblib = read_all(env, PlantSettings, MlSettings, RetrainSettings, JoblibSettings)
    plant = load_plant(site.file, devices=site.devices)
    return build_retrainer(store, plant, ml=ml, settings=settings, joblib=joblib, clock=clock)


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=launch_command("ml.retrain"), description=__doc__)
    parser.add_argument("--now", action="store_true", help="retrain once, now, and print the outcome")
    verbs = parser.add_subparsers(dest="verb")
    back = verbs.add_parser("rollback", help="use an earlier model again")
    back.add_argument("version", nargs="?", help="the version (default: the one before the model in use)")
    adopt = verbs.add_parser("adopt", help="put a model into use that was trained by hand")
    adopt.add_argument("file", nargs="?", type=Path, help="its file (default: where ml.train_model puts it)")
    verbs.add_parser("list", help="list the models in the registry, and the last runs")
    return parser.parse_args(arguments)


def _run_with_progress(retrainer: Retrainer) -> Run:
    with progress_bars() as begin:
        return retrainer.run("hand", begin=begin)


if __name__ == "__main__":
    entry(main)
