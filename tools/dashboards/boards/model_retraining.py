"""Does the model stay fit for its plant: what retraining did and why, and how far the plant has moved."""

from tools.dashboards.kit.colours import more_is_better, more_is_worse
from tools.dashboards.kit.frame import Shelf, shelf
from tools.dashboards.kit.panels import Links, course, listing, number, ranking
from tools.dashboards.kit.queries import at_the_end, over_time, rows
from tools.dashboards.kit.tables import Column, with_columns

TOO_YOUNG = "needs two days of readings"


def retraining(links: Links) -> Shelf:
    """Runs of retraining, and the gate's reasons."""
    return shelf(
        8,
        (
            number(
                "Retrained",
                "Time since the last decision of retraining, whatever it was.",
                at_the_end("time() - max(energytrack_retraining_last_success_timestamp_seconds)", "ago"),
                unit="s",
                meaning=more_is_worse(notice=10 * 86_400, critical=20 * 86_400),
                links=links,
            ),
            4,
        ),
        (
            number(
                "Test cases",
                "Failures in the newest block when the gate last decided; with fewer than ten the champion stays.",
                at_the_end("max(energytrack_retraining_last_run_events)", "failures"),
                unit="short",
                meaning=more_is_better(critical=5, good=10),
                links=links,
            ).decimals(0),
            4,
        ),
        (
            course(
                "Retraining runs",
                "Runs per day by outcome: a new model, the old one kept, an earlier one restored, an error.",
                over_time("max by (verdict) (increase(energytrack_retraining_runs_total[1d]))", "{{verdict}}"),
                unit="short",
                links=links,
            ).min(0),
            6,
        ),
        (
            with_columns(
                listing(
                    "Reasons of the last decision",
                    "The outcome of the last run, and why. A new model must be worse at nothing, better at something.",
                    rows(
                        "max by (verdict, about, reason) (energytrack_retraining_last_run_info)",
                        "reasons",
                    ),
                    unit="short",
                    links=links,
                ),
                Column("verdict", "Came to"),
                Column("about", "About"),
                Column("reason", "Why"),
            ),
            10,
        ),
        heading="Retraining",
    )


def drift(links: Links) -> Shelf:
    """How far features and probabilities have moved since the model was made."""
    return shelf(
        9,
        (
            course(
                "Drift",
                "The share of features that are distributed otherwise than when the model was made, and how far the "
                "probabilities have moved (population stability index, chance taken off: from 0.25 on that is much).",
                over_time("max(energytrack_model_drift_features_ratio)", "features that have changed"),
                over_time("max(energytrack_model_drift_probability_index)", "index of the probabilities"),
                unit="short",
                meaning=more_is_worse(notice=0.1, critical=0.25),
                links=links,
            )
            .min(0)
            .no_value(TOO_YOUNG),
            12,
        ),
        (
            ranking(
                "Features that changed most",
                "Population stability index, chance taken off: below 0.1 nothing has changed, from 0.25 on much has.",
                at_the_end("sort_desc(max by (feature) (energytrack_model_drift_feature_index))", "{{feature}}"),
                unit="short",
                meaning=more_is_worse(notice=0.1, critical=0.25),
                links=links,
            ).no_value(TOO_YOUNG),
            12,
        ),
        heading="Has the plant changed?",
    )
