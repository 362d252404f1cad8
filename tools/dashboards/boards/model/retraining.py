"""Whether the model still fits its plant: outcomes of retraining with reasons, and how much the plant has changed."""

from tools.dashboards.kit.frame import PanelRow, panel_row, tiles
from tools.dashboards.kit.panels import Links, coloured, course, listing, number, ranking, renamed
from tools.dashboards.kit.queries import at_the_end, over_time, rows
from tools.dashboards.kit.tables import PanelColumn, coded, look, with_columns
from tools.dashboards.kit.wording import codes
from tools.dashboards.kit.wording.colours import CRITICAL, GOOD, MUTED, WARNING, more_is_better, more_is_worse

TOO_YOUNG = "needs two days of readings"


def retraining(links: Links) -> tuple[PanelRow, ...]:
    """Retraining runs, and the gate's reasons."""
    numbers = tiles(
        number(
            "Retrained",
            "Time since retraining last reached a decision, whatever it was.",
            at_the_end("time() - max(energytrack_retraining_last_success_timestamp_seconds)", "ago"),
            unit="s",
            meaning=more_is_worse(notice=10 * 86_400, critical=20 * 86_400),
            links=links,
        ).decimals(0),
        number(
            "Test cases",
            "Failures in the newest data when the gate last decided. With fewer than ten, the champion stays.",
            at_the_end("max(energytrack_retraining_last_run_events)", "failures"),
            unit="short",
            meaning=more_is_better(critical=5, good=10),
            links=links,
        ).decimals(0),
        heading="Retraining",
    )
    return (*numbers, _runs(links))


def _runs(links: Links) -> PanelRow:
    return panel_row(
        8,
        (
            coloured(
                renamed(
                    course(
                        "Retraining runs",
                        "Runs per day by outcome: a new model, the old one kept, an earlier one restored, an error.",
                        over_time("max by (verdict) (increase(energytrack_retraining_runs_total[1d]))", "{{verdict}}"),
                        unit="short",
                        links=links,
                    ),
                    codes.in_names(),
                ),
                {"promoted": GOOD, "kept": MUTED, "rolled back": WARNING, "failed": CRITICAL},
            )
            .min(0)
            .decimals(0),
            10,
        ),
        (
            with_columns(
                listing(
                    "Reasons of the last decision",
                    "The outcome of the last run, and why. A new model must be better at something and worse at "
                    "nothing.",
                    rows(
                        "max by (verdict, about, reason) (energytrack_retraining_last_run_info)",
                        "reasons",
                    ),
                    unit="short",
                    links=links,
                ),
                coded("verdict", "Outcome", look("custom.width", 100)),
                coded("about", "About", look("custom.width", 130)),
                PanelColumn("reason", "Why", (look("custom.wrapText", True),)),
            ),
            14,
        ),
    )


def drift(links: Links) -> PanelRow:
    """How much features and probabilities have changed since the model was trained."""
    return panel_row(
        9,
        (
            course(
                "Drift",
                "The share of features whose distribution has changed since training, and the change of the "
                "probabilities (population stability index without random variation: 0.25 or more is much).",
                over_time("max(energytrack_model_drift_features_ratio)", "changed features"),
                over_time("max(energytrack_model_drift_probability_index)", "change of probabilities"),
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
                "Most changed features",
                "Population stability index without random variation: below 0.1 is no change, 0.25 or more is much.",
                at_the_end("sort_desc(max by (feature) (energytrack_model_drift_feature_index))", "{{feature}}"),
                unit="short",
                meaning=more_is_worse(notice=0.1, critical=0.25),
                links=links,
            ).no_value(TOO_YOUNG),
            12,
        ),
        heading="Has the plant changed?",
    )
