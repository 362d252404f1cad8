"""What training measured, in the terminal."""

from io import StringIO
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from rich.console import Console

from ml.measures.quality import AlarmQuality, ProbabilityQuality
from ml.models.card import ChosenByCost
from ml.training.learning import SplitQuality
from ml.training.summary import print_costs, print_summary
from testkit.builders.recordings import START, a_champion


def test_each_contender_has_a_row_and_the_model_a_sentence() -> None:
    """What was caught, how often for nothing, and how long before; of a model that caught nothing, no hours."""
    console = Console(width=160, record=True, file=StringIO())
    said = ProbabilityQuality(pr_auc=0.8125, prevalence=0.05, roc_auc=0.9, brier=0.02, calibration_error=0.01)
    some = AlarmQuality(
        threshold=0.7, events=10, caught=3, false_alarms=2, machine_months=4.0, true_alarms=3,
        lead_hours=(1.0, 6.0, 8.0),
    )  # fmt: skip
    none = replace(some, caught=0, true_alarms=0, lead_hours=())
    nothing = np.zeros(0)
    report = [
        SplitQuality("random forest", "time", said, some, nothing),
        SplitQuality("clock only", "time", said, none, nothing),
    ]
    card = a_champion().card
    print_summary(console, card, report, Path("var/failure_model.pkl"), 1.5)
    printed = console.export_text()
    assert "thresholds chosen for 1.5 false alarms per machine and month" in printed
    forest, clock = (line for line in printed.splitlines() if "time" in line)
    for word in ("random forest", "0.812", "3 of 10", "0.50", "6.0"):
        assert word in forest
    assert "0 of 10" in clock
    assert "nan" not in clock
    assert f"version {card.version}, trained on 100 rows of 2 machines with 3 failures ({START:%Y-%m-%d}" in printed
    assert "70" in printed.splitlines()[-1]


def test_costs_are_printed_where_they_are_known() -> None:
    console = Console(width=160, record=True, file=StringIO())
    card = a_champion().card
    print_costs(console, card, "EUR")
    assert not console.export_text(clear=False)
    print_costs(console, replace(card, by_cost=ChosenByCost(0.7, 40.0, 40.0, failures=12)), "EUR")
    assert "would have cost 40.00 EUR per machine and month" in console.export_text()
