"""The outcomes of runs, and the models in the registry, in the terminal."""

from typing import Final

from rich.console import Console
from rich.table import Table

from energytrack.store.learning.runs import Run
from ml.retraining.retrainer import Retrainer

RUNS_SHOWN: Final = 10
CAUSES: Final = {"schedule": "schedule", "drift": "drift", "hand": "command"}


def print_run(console: Console, run: Run) -> None:
    console.print(f"[bold]{run.verdict.replace('_', ' ')}[/]: {run.version or 'no model'} is in use", highlight=False)
    for reason in run.reasons:
        console.print(f"  {reason.about}: {reason.text}", highlight=False)


def print_models_and_runs(console: Console, retrainer: Retrainer) -> None:
    in_use = retrainer.registry.version()
    models = Table(title="Models in the registry")
    for heading in ("", "version", "made", "sha256"):
        models.add_column(heading, no_wrap=True)
    for kept in retrainer.registry.kept():
        mark = "in use" if kept.version == in_use else ""
        models.add_row(mark, kept.version, f"{kept.created_at:%Y-%m-%d %H:%M}", f"{kept.sha256[:16]}…")
    console.print(models)
    runs = Table(title="Last runs")
    for heading in ("started", "trigger", "outcome", "model in use after it", "failures", "reasons"):
        runs.add_column(heading, no_wrap=heading != "reasons")
    for run in retrainer.store.runs.recent(RUNS_SHOWN):
        reasons = "; ".join(dict.fromkeys(reason.text for reason in run.reasons))
        runs.add_row(
            f"{run.started_at:%Y-%m-%d %H:%M}", CAUSES.get(run.trigger, run.trigger), run.verdict.replace("_", " "),
            run.version, str(run.events), reasons,
        )  # fmt: skip
    console.print(runs)
