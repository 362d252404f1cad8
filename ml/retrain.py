"""`python -m ml.retrain`: keeps the model fit for its plant; `--now` retrains at once, `rollback` takes it back."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table as Printed
from ulid import ULID

from energytrack.clock import Clock, SystemClock
from energytrack.logs import configure_logging
from energytrack.plant import load_plant
from energytrack.service import entry, running
from energytrack.settings import MongoSettings, PlantSettings, ServiceSettings, read_all
from energytrack.store import Store
from energytrack.store.learning.runs import Run
from energytrack.store.open import open_store
from energytrack.store.retrying import RetryPolicy
from ml.progress import progress_bars
from ml.retraining.challenge import ChallengePlan
from ml.retraining.gate import GateTerms
from ml.retraining.metrics import RetrainingMetrics
from ml.retraining.registry import ModelRegistry
from ml.retraining.retrainer import Retrainer
from ml.retraining.schedule import Timetable
from ml.retraining.service import RetrainingService
from ml.settings import JoblibSettings, MlSettings, RetrainSettings

NAME: Final = "retrain"
RUNS_SHOWN: Final = 10


def main(env: Mapping[str, str], arguments: Sequence[str] | None = None) -> None:
    """Do what the command line asks for; without arguments, serve."""
    asked = _parsed(arguments)
    common, mongo, *_ = read_all(
        env, ServiceSettings, MongoSettings, PlantSettings, MlSettings, RetrainSettings, JoblibSettings
    )
    with closing(open_store(mongo)) as store:
        if not asked.now and asked.verb is None:
            _serve(common, store, env)
            return
        configure_logging(level="warning", log_format=common.log_format, service=NAME)
        store.prepare()
        retrainer = _retrainer(env, store, SystemClock())
        console = Console(width=110)
        if asked.verb == "list":
            _list(console, retrainer)
        elif asked.verb == "rollback":
            _tell(console, retrainer.roll_back(asked.version))
        else:
            run = _run_shown(retrainer)
            _tell(console, run)
            if run.verdict == "failed":
                sys.exit(1)


def _serve(common: ServiceSettings, store: Store, env: Mapping[str, str]) -> None:
    """Retrain when it is due, until told to stop."""
    with running(NAME, common) as service:
        persist = RetryPolicy(stop=service.stop, clock=service.clock, registry=service.registry, health=service.health)
        retrainer = _retrainer(env, store, service.clock)
        desk = RetrainingService(
            retrainer, RetrainSettings.from_env(env), RetrainingMetrics(service.registry), persist, service.clock,
            np.random.default_rng(), service.health,
        )  # fmt: skip
        timetable = Timetable(retrainer.plant.zone)
        try:
            with service.health.long_work():
                persist(store.prepare)
            desk.open(timetable)
            timetable.start()
            service.ready()
            while not service.stop.is_set():
                service.health.beat()
                desk.update()
        finally:
            timetable.stop()


def _retrainer(env: Mapping[str, str], store: Store, clock: Clock) -> Retrainer:
    site, ml, settings, joblib = read_all(env, PlantSettings, MlSettings, RetrainSettings, JoblibSettings)
    jobs = settings.jobs if settings.jobs > 0 or joblib.backend else os.cpu_count() or 1
    return Retrainer(
        store=store,
        plant=load_plant(site.file, devices=site.devices),
        registry=ModelRegistry(store, ml.model_file, ml.key(), keep=settings.keep),
        plan=ChallengePlan(
            GateTerms(false_alarms=ml.false_alarms, least_events=settings.least_events), rows=settings.rows, jobs=jobs
        ),
        history_days=settings.history_days,
        joblib=joblib,
        clock=clock,
        new_id=lambda: str(ULID.from_datetime(clock.now())),
    )


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ml.retrain", description=__doc__)
    parser.add_argument("--now", action="store_true", help="retrain once, at once, and say what came of it")
    verbs = parser.add_subparsers(dest="verb")
    back = verbs.add_parser("rollback", help="put an earlier model into use again")
    back.add_argument("version", nargs="?", help="which one (default: the one made before the one in use)")
    verbs.add_parser("list", help="show the models that are kept, and the last runs")
    return parser.parse_args(arguments)


def _run_shown(retrainer: Retrainer) -> Run:
    with progress_bars() as begin:
        return retrainer.run("hand", begin=begin)


def _tell(console: Console, run: Run) -> None:
    console.print(f"[bold]{run.verdict.replace('_', ' ')}[/]: {run.version or 'no model'} is in use", highlight=False)
    for reason in run.reasons:
        console.print(f"  {reason.about}: {reason.text}", highlight=False)


def _list(console: Console, retrainer: Retrainer) -> None:
    in_use = retrainer.registry.version()
    models = Printed(title="Models that are kept")
    for heading in ("", "version", "made", "sha256"):
        models.add_column(heading, no_wrap=True)
    for entry_ in retrainer.registry.kept():
        mark = "in use" if entry_.version == in_use else ""
        models.add_row(mark, entry_.version, f"{entry_.created_at:%Y-%m-%d %H:%M}", f"{entry_.sha256[:16]}…")
    console.print(models)
    runs = Printed(title="Last runs")
    for heading in ("when", "because of", "came to", "in use afterwards", "failures", "why"):
        runs.add_column(heading, no_wrap=heading != "why")
    for run in retrainer.store.runs.recent(RUNS_SHOWN):
        why = "; ".join(dict.fromkeys(reason.text for reason in run.reasons))
        runs.add_row(f"{run.started_at:%Y-%m-%d %H:%M}", run.trigger, run.verdict, run.version, str(run.events), why)
    console.print(runs)


if __name__ == "__main__":
    entry(main)
