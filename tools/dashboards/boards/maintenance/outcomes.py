"""Whether the warnings were right, judged by the failures that followed."""

from typing import Final

from tools.dashboards.kit import links
from tools.dashboards.kit.frame import PanelRow, panel_row
from tools.dashboards.kit.panels import bars, coloured, course, number
from tools.dashboards.kit.queries import at_the_end, over_time
from tools.dashboards.kit.wording.colours import GOOD, PLAIN, WARNING, more_is_better, more_is_worse

TO_MODEL: Final = (links.to_dashboard("Model health", links.MODEL),)
MONTH_SECONDS: Final = 30 * 86_400


def _settled(metric: str, outcome: str = "", window: str = "$__range") -> str:
    """The number in the displayed time range."""
    chosen = f'{{outcome="{outcome}"}}' if outcome else ""
    return f"sum(increase(energytrack_model_{metric}_total{chosen}[{window}]))"


def numbers() -> PanelRow:
    """Predicted failures, and the false alarms they cost."""
    watched = f"{_settled('watched_seconds')} / {MONTH_SECONDS}"
    lead = "histogram_quantile(0.5, sum by (le) (increase(energytrack_model_lead_seconds_bucket[$__range])))"
    return panel_row(
        4,
        (
            number(
                "Failures caught",
                "The share of failures that were preceded by an alarm within the model's horizon.",
                at_the_end(f"{_settled('failures', 'caught')} / ({_settled('failures')} > 0)", "announced"),
                unit="percentunit",
                meaning=more_is_better(critical=0.3, good=0.6),
                links=TO_MODEL,
            )
            .decimals(0)
            .no_value("no failure"),
            6,
        ),
        (
            number(
                "Failures missed",
                "Failures without an alarm before them, of machines that had predictions.",
                at_the_end(f"{_settled('failures', 'missed')} and on () ({watched} > 0)", "missed"),
                unit="short",
                meaning=more_is_worse(notice=1, critical=5),
                links=TO_MODEL,
            )
            .decimals(0)
            .no_value("none watched"),
            6,
        ),
        (
            number(
                "False alarms",
                "Alarms per machine and month that were followed by no failure and by no work on the machine.",
                at_the_end(f"{_settled('alarms', 'false')} / ({watched} > 0)", "false"),
                unit="short",
                meaning=more_is_worse(notice=1.5, critical=4),
                links=TO_MODEL,
            )
            .decimals(1)
            .no_value("none watched"),
            6,
        ),
        (
            number(
                "Lead time",
                "Half of the predicted failures were predicted at least this long in advance. How long is good depends "
                "on the model's horizon, so it has no colour.",
                at_the_end(f"{lead} >= 0", "ahead"),
                unit="s",
                links=TO_MODEL,
            )
            .decimals(0)
            .no_value("no failure"),
            6,
        ),
        heading="Quality of the predictions",
    )


def course_of_alarms() -> PanelRow:
    """The outcomes of alarms over time."""
    return panel_row(
        7,
        (
            coloured(
                bars(
                    course(
                        "Alarms by outcome",
                        "True: a failure followed. False: none followed. Maintained: the machine was maintained first.",
                        over_time(
                            "sum by (outcome) (increase(energytrack_model_alarms_total[$__rate_interval]))",
                            "{{outcome}}",
                        ),
                        unit="short",
                        links=TO_MODEL,
                    )
                ),
                {"true": GOOD, "false": WARNING, "maintained": PLAIN},
            )
            .min(0)
            .decimals(0)
            .interval("15m")
            .no_value("No alarm has an outcome yet."),
            24,
        ),
    )
