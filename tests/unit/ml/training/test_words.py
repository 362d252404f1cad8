"""How good a model is, for people who do not know what PR-AUC is."""

import numpy as np
from msgspec.structs import replace

from ml.measures.quality import AlarmQuality, ProbabilityQuality
from ml.models.card import ChosenByCost
from ml.training.choice import CandidateTrial
from ml.training.learning import SplitQuality
from ml.training.words import choice_in_words, costs_in_words, in_words

SOME = AlarmQuality(
    threshold=0.7, events=10, caught=3, false_alarms=2, machine_months=4.0, true_alarms=3, lead_hours=(1.0, 6.0, 8.0)
)
NONE = replace(SOME, caught=0, true_alarms=0, false_alarms=0, lead_hours=())


def a_row(name: str, split: str, alarms: AlarmQuality) -> SplitQuality:
    measured = ProbabilityQuality(pr_auc=0.8, prevalence=0.05, roc_auc=0.9, brier=0.02, calibration_error=0.01)
    return SplitQuality(name, split, measured, alarms, np.zeros(0))


def test_days_and_machines_have_a_sentence_each_and_baselines_none() -> None:
    report = [
        a_row("random forest", "time", SOME),
        a_row("clock only", "time", NONE),
        a_row("random forest", "machine 1/3", NONE),
    ]
    days, machines = in_words(report)
    assert days == (
        "On days that it never saw, the model announced 3 of 10 failures, typically 6 h ahead, "
        "with 0.5 false alarms per machine and month."
    )
    assert machines == (
        "On machines that it never saw, it announced 0 of 10 failures, with 0.0 false alarms per machine and month."
    )


def test_what_could_not_be_measured_is_not_said() -> None:
    (sentence,) = in_words([a_row("forest", "time", replace(NONE, events=0, machine_months=0.0))])
    assert sentence == "On days that it never saw, the model had no failure to announce."
    assert in_words([]) == []


def test_a_model_that_looks_minutes_ahead_is_measured_in_minutes_and_days() -> None:
    quick = replace(SOME, lead_hours=(0.1, 0.2, 0.3), false_alarms=60, machine_months=2.0)
    (sentence,) = in_words([a_row("forest", "time", quick)])
    assert sentence.endswith("failures, typically 12 min ahead, with 1.0 false alarms per machine and day.")


def test_both_sentences_count_in_the_same_unit() -> None:
    """Else 9.1 a month reads as more than 0.5 a day."""
    quick = replace(SOME, false_alarms=60, machine_months=2.0)
    days, machines = in_words([a_row("forest", "time", SOME), a_row("forest", "machine 1/3", quick)])
    assert days.endswith("with 0.0 false alarms per machine and day.")
    assert machines.endswith("with 1.0 false alarms per machine and day.")


def test_what_wrong_alarms_cost_has_a_sentence() -> None:
    """With what the budget alone would have cost, if that was another threshold."""
    chosen = ChosenByCost(0.2, 1040.5, 1550.0, failures=12)
    assert costs_in_words(chosen, 0.35, "EUR") == (
        "False alarms and missed failures would have cost 1,040.50 EUR per machine and month on unseen rows with 12 "
        "failures, instead of 1,550.00 with the threshold that the budget of false alarms allows (20 %)."
    )
    assert costs_in_words(replace(chosen, cost_per_month=1550.0), 0.2, "EUR").endswith(
        "with 12 failures; the budget of false alarms alone decides the threshold."
    )


def test_the_kind_that_was_chosen_is_named_beside_the_others() -> None:
    """With the members that were chosen for the forest; where there was no choice, nothing is said."""
    forests = [
        CandidateTrial("random_forest", ("specialists", "generalists"), 0.8, 0.6),
        CandidateTrial("random_forest", ("specialists",), 0.9, 0.62),
    ]
    boosting = CandidateTrial("gradient_boosting", ("specialists",), 0.9, 0.7)
    assert choice_in_words("gradient_boosting", [*forests, boosting]) == (
        "Kind of model: gradient boosting. On machines left out of training it reached 0.80, "
        "random forest 0.76; 1.00 would be perfect."
    )
    assert not choice_in_words("random_forest", forests)
    assert not choice_in_words("random_forest", [])
