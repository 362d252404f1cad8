"""Trains a model on recorded machines, and writes it with its card."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from energytrack.clock import Clock
from energytrack.recording import Recording
from ml.datasets.splits import by_machine, by_time_with_failures
from ml.datasets.tabulate import describe, tabulate
from ml.errors import TooFewExamples
from ml.measures.budget import false_alarms_per_month
from ml.measures.cost import Prices
from ml.models.artifact import seal, write
from ml.models.card import Card
from ml.models.estimators import KINDS, Recipe
from ml.progress import Begin
from ml.training.card import card
from ml.training.learning import SplitQuality, beside, learn
from ml.training.words import choice_in_words

ROWS: Final = 150_000
SEED: Final = 20261123
MACHINES: Final = 3
"""Folds of machines; one of them is left out."""
NO_FAILURES: Final = (
    "No failure is recorded, so the model learns what is normal: it notices what is not, and gives no probability of a "
    "failure until some are on record."
)


def train_on(
    recording: Recording,
    out: Path,
    *,
    key: str | None,
    budget: float,
    clock: Clock,
    rows: int = ROWS,
    recipe: Recipe | None = None,
    prices: Prices | None = None,
    begin: Begin = lambda _: lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Card, list[SplitQuality]]:
    """Train on a recording, write the sealed model, and return its card and all measures; raises TooFewExamples.

    The model is trained on the first part of the time, calibrated on the next, and measured on the last: the last
    quarter, or the last half if the quarter contains no failure. A second model of the same kind is measured on unseen
    machines and then discarded. If no failure is recorded, the model learns what is normal, and gives no probabilities.

    `budget` is the number of false alarms per machine and month that a threshold may cause, for a horizon of a day;
    `prices` are the costs of wrong alarms, if known. `say` receives sentences: the kind of model that was chosen, and
    what could not be measured.
    """
    tick = begin("building features")
    table = tabulate(recording, describe(recording), rows=rows, hide=np.random.default_rng(SEED), progress=tick)
    recipe = recipe or Recipe(rivals=KINDS)
    if not table.label.any():
        recipe = replace(recipe, kind="normal")
        say(NO_FAILURES)
    tick = begin("training, split by time")
    split = by_time_with_failures(table, least=1)
    budget = false_alarms_per_month(budget, horizon_ms=table.horizon_ms)
    trained = learn(table, split, budget=budget, recipe=recipe, prices=prices)
    if chosen := choice_in_words(trained.model.kind, trained.tried):
        say(chosen)
    report = [trained.measured, *beside(table, split, budget=budget)]
    tick(1.0)
    tick = begin("training, split by machine")
    try:
        if len(np.unique(table.device)) < MACHINES:
            raise TooFewExamples("test", f"leaving machines out needs at least {MACHINES} machines")  # noqa: TRY301
        others = by_machine(table, folds=MACHINES, seed=SEED)[0]
        of_this_kind = replace(recipe, kind=trained.model.kind, rivals=())
        report.append(learn(table, others, budget=budget, recipe=of_this_kind, prices=prices).measured)
    except TooFewExamples as error:
        say(f"What to expect of machines that it never saw could not be measured: {error}.")
    tick(1.0)
    made, artifact = seal(trained.model, card(trained, table, split, history=recording.name, now=clock.now()), key)
    write(out, made, artifact)
    return made, report
