"""Whether the model can be trusted: which one is in use, what it predicts, and what really happened."""

from typing import Final

from grafana_foundation_sdk.builders import common
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models.common import BigValueTextMode

from tools.dashboards.boards.maintenance import outcomes
from tools.dashboards.boards.model.retraining import drift, retraining
from tools.dashboards.kit import annotations, links, variables
from tools.dashboards.kit.frame import DashboardSite, PanelRow, framed, laid_out, panel_row, tiles
from tools.dashboards.kit.machines import recommendation_names
from tools.dashboards.kit.panels import Links, course, number, renamed, stacked
from tools.dashboards.kit.queries import LINES, at_the_end, or_zero_if_scored, over_time
from tools.dashboards.kit.wording.colours import CRITICAL, GOOD, NOTICE, WARNING, more_is_better, more_is_worse, painted

TO_PIPELINE: Final[Links] = (links.to_dashboard("Pipeline health", links.PIPELINE, choices=False),)
TO_MAINTENANCE: Final[Links] = (links.to_dashboard("Maintenance", links.MAINTENANCE),)
_NO_MODEL: Final = 'absent(energytrack_model_info) and on () (max(up{job="ml_consumer"}) == 1)'
_AWAY: Final = 'absent(up{job="ml_consumer"} == 1)'
IN_USE: Final = (
    "max by (version) (energytrack_model_info)"
    f' or label_replace({_NO_MODEL}, "version", "none", "", "")'
    f' or label_replace({_AWAY}, "version", "not known", "", "")'
)
"""The version of the model in use, in words if there is none."""
SCORED: Final = f"device:failure_probability_ratio:max{{{LINES}}}"


def build(site: DashboardSite) -> Dashboard:
    """The dashboard, general to specific."""
    return laid_out(
        framed(
            links.MODEL,
            "Model health",
            "Which model is in use, what does it predict, and was it right?",
            site=site,
            since="now-24h",
            refresh="1m",
            choices=(variables.line(), variables.device_type()),
            marks=(annotations.models(), annotations.failures(LINES)),
        ),
        outcomes.numbers(),
        *_at_a_glance(),
        _expectation(),
        _work(),
        *_scores(),
        _costs(site),
        *retraining(TO_MAINTENANCE),
        drift(TO_PIPELINE),
    )


def _at_a_glance() -> tuple[PanelRow, ...]:
    return tiles(
        number(
            "Model in use",
            "The version of the model in use. Two are shown only while replicas switch to a new one.",
            at_the_end(IN_USE, "{{version}}"),
            unit="short",
            links=TO_PIPELINE,
        )
        .text_mode(BigValueTextMode.NAME)
        .text(common.VizTextDisplayOptions().title_size(20).value_size(20)),
        number(
            "Coverage",
            "The share of machines that have a failure probability. The others have too little history.",
            at_the_end(
                f"sum(line_type:devices_scored:count{{{LINES}}}) / sum(line_type:devices:count{{{LINES}}})",
                "scored",
            ),
            unit="percentunit",
            meaning=more_is_better(critical=0.5, good=0.9),
            links=TO_PIPELINE,
        ).decimals(0),
        number(
            "Failures expected",
            "The number of failures that the model expects within its horizon: the sum of all probabilities.",
            at_the_end(f"sum({SCORED})", "expected"),
            unit="short",
            meaning=more_is_worse(notice=5, critical=20),
            links=TO_MAINTENANCE,
        ).decimals(1),
        number(
            "Failures in 24 h",
            "The number of machines that failed within the last 24 hours.",
            at_the_end(f"sum(increase(energytrack_device_failures_total{{{LINES}}}[1d]))", "failed"),
            unit="short",
            meaning=more_is_worse(notice=1, critical=10),
            links=TO_MAINTENANCE,
        ).decimals(0),
        number(
            "Latency",
            "99 % of insights are published within this time after the reading.",
            at_the_end('stage:pipeline_latency_seconds:p99_5m{stage="ml-consumer"}', "p99"),
            unit="s",
            meaning=more_is_worse(notice=2, critical=30),
            links=TO_PIPELINE,
        ),
    )


def _scores() -> tuple[PanelRow, ...]:
    scores = (
        ("PR-AUC", "How well it ranks machines by risk (area under the precision-recall curve).",
         "pr_auc", "percentunit", more_is_better(critical=0.1, good=0.3)),
        ("Recall", "The share of failures that were predicted at the model's threshold.",
         "event_recall", "percentunit", more_is_better(critical=0.3, good=0.6)),
        ("Precision", "The share of alarms that were followed by a failure.",
         "alarm_precision", "percentunit", more_is_better(critical=0.2, good=0.5)),
        ("False alarm rate", "False alarms per machine and month at the model's threshold.",
         "false_alarms", "short", more_is_worse(notice=1.5, critical=4)),
        ("Calibration error", "Difference between predicted probabilities and observed frequencies.",
         "calibration_error", "percentunit", more_is_worse(notice=0.03, critical=0.1)),
    )  # fmt: skip
    return tiles(
        *(
            number(
                title,
                f"{explained} Measured on data that was not used for training.",
                at_the_end(f'max(energytrack_model_score{{score="{score}"}})', title.lower()),
                unit=unit,
                meaning=meaning,
                links=TO_MAINTENANCE,
            ).no_value("not known")
            for title, explained, score, unit, meaning in scores
        ),
        number(
            "Model age",
            "Age of the model in use.",
            at_the_end("time() - max(energytrack_model_created_timestamp_seconds)", "age"),
            unit="s",
            meaning=more_is_worse(notice=30 * 86_400, critical=90 * 86_400),
            links=TO_MAINTENANCE,
        ).decimals(0),
        heading="Statistics, measured at training",
    )


def _costs(site: DashboardSite) -> PanelRow:
    chosen = (
        ("Cost of wrong alarms", "with the threshold in use", "in_use"),
        ("Cost at the budget", "with the threshold that the budget of false alarms allows", "by_budget"),
    )
    return panel_row(
        4,
        *(
            (
                number(
                    title,
                    f"What false alarms and missed failures cost per machine and month {which}. Measured on data that "
                    "was not used for training.",
                    at_the_end(f'max(energytrack_model_wrong_alarms_cost{{threshold="{threshold}"}})', "cost"),
                    unit=site.money,
                    links=TO_MAINTENANCE,
                )
                .decimals(0)
                .no_value("costs not given"),
                12,
            )
            for title, which, threshold in chosen
        ),
    )


def _expectation() -> PanelRow:
    bands = (
        (0.0, 0.1, "below 10 %", GOOD),
        (0.1, 0.3, "10 to 30 %", NOTICE),
        (0.3, 0.9, "30 to 90 %", WARNING),
        (0.9, 1.1, "90 % and more", CRITICAL),
    )
    by_band = stacked(
        course(
            "Machines by failure probability",
            "How many machines are in each risk band. If all move at once, the cause is probably the model.",
            *(
                over_time(or_zero_if_scored(f"count(({SCORED} >= {least}) < {most})", LINES), name)
                for least, most, name, _ in bands
            ),
            unit="short",
            links=TO_MAINTENANCE,
        )
    ).min(0)
    for _, _, name, colour in bands:
        by_band = by_band.with_override(*painted(name, colour))
    return panel_row(
        9,
        (
            by_band,
            12,
        ),
        (
            course(
                "Expected and real failures",
                "Failures that the model expects within its horizon, compared with those of the last 24 hours.",
                over_time(f"sum({SCORED})", "expected"),
                over_time(f"sum(increase(energytrack_device_failures_total{{{LINES}}}[1d]))", "real"),
                unit="short",
                links=TO_MAINTENANCE,
            ).min(0),
            12,
        ),
        heading="Predictions",
    )


def _work() -> PanelRow:
    return panel_row(
        10,
        (
            renamed(
                course(
                    "Recommendations opened",
                    "How often each recommendation was opened in the previous hour.",
                    over_time("recommendation:recommendations:increase1h > 0", "{{recommendation}}"),
                    unit="short",
                    links=TO_MAINTENANCE,
                ),
                recommendation_names(),
            ).min(0),
            12,
        ),
        (
            course(
                "Insights",
                "Insights that the model publishes per second.",
                over_time('sum(stage_topic:pipeline_emitted:rate1m{topic="ml-insights"})', "insights"),
                unit="mps",
                links=TO_PIPELINE,
            ).min(0),
            12,
        ),
        heading="Output",
    )
