"""What runs came to, in the terminal."""

from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from typing import cast

from rich.console import Console

from energytrack.store.learning.models import ModelEntry
from energytrack.store.learning.runs import Run, RunReason, Trigger
from ml.retraining.retrainer import Retrainer
from ml.retraining.terminal import RUNS_SHOWN, print_models_and_runs, print_run
from testkit.builders.messages import NOW


def a_console() -> Console:
    return Console(width=200, record=True, file=StringIO())


def a_run(version: str | None = "v2", trigger: Trigger = "hand", *reasons: str) -> Run:
    return Run(
        run_id="01", trigger=trigger, started_at=NOW, finished_at=NOW, verdict="kept", version=version, before="v1",
        events=12, reasons=tuple(RunReason("no_better", f"forest {n}", text) for n, text in enumerate(reasons)),
    )  # fmt: skip


def test_a_run_says_what_is_in_use_and_why() -> None:
    console = a_console()
    print_run(console, a_run("v2", "hand", "catches no more failures"))
    assert console.export_text() == "kept: v2 is in use\n  forest 0: catches no more failures\n"


def test_where_there_is_no_model_that_is_said() -> None:
    console = a_console()
    print_run(console, a_run(None))
    assert "no model is in use" in console.export_text()


def test_models_and_runs_are_listed_with_the_one_in_use() -> None:
    """A run that somebody started by hand is one by command; a reason that several challengers share stands once."""

    class RunsStandIn:
        def recent(self, limit: int) -> list[Run]:
            assert limit == RUNS_SHOWN
            return [a_run("v2", "hand", "too few failures", "too few failures"), a_run(None, "drift")]

    kept = [ModelEntry("v2", NOW, "{}", "a" * 64), ModelEntry("v1", NOW - timedelta(days=7), "{}", "b" * 64)]
    registry = SimpleNamespace(version=lambda: "v2", kept=lambda: kept)
    console = a_console()
    print_models_and_runs(
        console, cast(Retrainer, SimpleNamespace(registry=registry, store=SimpleNamespace(runs=RunsStandIn())))
    )
    lines = console.export_text().splitlines()
    (in_use,) = (line for line in lines if "in use" in line and "a" * 16 in line)
    assert "v2" in in_use
    (older,) = (line for line in lines if "b" * 16 in line)
    assert "in use" not in older
    (by_hand,) = (line for line in lines if "command" in line)
    assert by_hand.count("too few failures") == 1
    assert any("drift" in line for line in lines)
