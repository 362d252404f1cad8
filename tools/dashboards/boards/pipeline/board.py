"""Whether data flows: throughput of each stage, delay, unreadable messages, and resource use."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tools.dashboards.boards.pipeline.cost import cost, scrapes
from tools.dashboards.boards.pipeline.disk_room import disk_room
from tools.dashboards.kit import annotations, links
from tools.dashboards.kit.frame import DashboardSite, PanelRow, framed, laid_out, panel_row, tiles
from tools.dashboards.kit.panels import Links, bars, course, number, timeline
from tools.dashboards.kit.queries import at_the_end, over_time
from tools.dashboards.kit.wording.colours import CRITICAL, GOOD, more_is_better, more_is_worse, words

SILENCE: Final = (
    "stage:pipeline_silence_seconds:min"
    ' and on (stage) stage_topic:pipeline_received:rate1m{topic="factory-sensor-data"}'
)
"""The silence of stages that take readings: the others wait for events or orders, and may have none for hours."""
TO_PLANT: Final[Links] = (links.to_dashboard("Plant overview", links.PLANT, choices=False),)


def build(site: DashboardSite) -> Dashboard:
    """The dashboard, general to specific."""
    return laid_out(
        framed(
            links.PIPELINE,
            "Pipeline health",
            "Does data flow, and how late is it?",
            site=site,
            since="now-1h",
            refresh="10s",
            marks=(annotations.models(),),
        ),
        *_at_a_glance(),
        _flow(),
        _lateness(),
        _waits(),
        _what_broke(),
        disk_room(TO_PLANT),
        cost(),
        scrapes(TO_PLANT),
    )


def _at_a_glance() -> tuple[PanelRow, ...]:
    return tiles(
        number(
            "Readings",
            "Readings per second that the exporters take from Kafka. At zero, no machine is monitored.",
            at_the_end(_rate("received", 'topic="factory-sensor-data",stage="exporters"'), "readings"),
            unit="mps",
            meaning=more_is_better(critical=0.001, good=0.01),
            links=TO_PLANT,
        ),
        number(
            "Insights",
            "Insights per second that the model publishes to Kafka.",
            at_the_end(_rate("emitted", 'topic="ml-insights"'), "insights"),
            unit="mps",
            meaning=more_is_better(critical=0.001, good=0.01),
            links=TO_PLANT,
        ),
        number(
            "Latency",
            "99 % of insights are published within this time after the machine's reading.",
            at_the_end('stage:pipeline_latency_seconds:p99_5m{stage="ml-consumer"}', "p99"),
            unit="s",
            meaning=more_is_worse(notice=2, critical=30),
            links=TO_PLANT,
        ),
        number(
            "Stage lag",
            "Time since the slowest of the stages that take readings last finished a batch. Under load, each "
            "finishes one every second.",
            at_the_end(f"max({SILENCE})", "lag"),
            unit="s",
            meaning=more_is_worse(notice=30, critical=120),
            links=TO_PLANT,
        ),
        number(
            "Rejected",
            "Messages of the last hour that could not be parsed. They are kept on the topic dead-letters.",
            at_the_end(
                "sum(max by (reason) (sum by (stage, reason) (increase(energytrack_pipeline_rejected_total[1h]))))",
                "dead letters",
            ),
            unit="short",
            meaning=more_is_worse(notice=1, critical=100),
            links=TO_PLANT,
        ).decimals(0),
        number(
            "Without metrics",
            "Services whose metrics Prometheus could not read at its last attempt.",
            at_the_end("count(up == 0) or vector(0)", "down"),
            unit="short",
            meaning=more_is_worse(notice=1, critical=2),
            links=TO_PLANT,
        ),
    )


def _flow() -> PanelRow:
    per_stage = "sum by (stage, topic) (rate(energytrack_pipeline_{}_total[$__rate_interval]))"
    return panel_row(
        10,
        (
            course(
                "Messages received by stage",
                "Messages per second that each stage received, by topic. Stages that read the same topic should be "
                "equal.",
                over_time(per_stage.format("received"), "{{stage}}: {{topic}}"),
                unit="mps",
                links=(),
            ).min(0),
            12,
        ),
        (
            course(
                "Messages sent by stage",
                "Messages per second that each stage published to a topic, or documents that it stored.",
                over_time(per_stage.format("emitted"), "{{stage}}: {{topic}}"),
                unit="mps",
                links=(),
            ).min(0),
            12,
        ),
        heading="Flow",
    )


def _lateness() -> PanelRow:
    return panel_row(
        8,
        (
            course(
                "Time since the last batch",
                "Time since each stage that takes readings last finished a batch. A rising line is a stage without "
                "progress.",
                over_time(SILENCE, "{{stage}}"),
                unit="dthms",
                meaning=more_is_worse(notice=30, critical=120),
                links=TO_PLANT,
            ).min(0),
            12,
        ),
        (
            course(
                "From reading to the end of a stage (p99)",
                "Age of a reading when a stage has finished with it: 99 % are younger.",
                over_time("stage:pipeline_latency_seconds:p99_5m", "{{stage}}"),
                unit="s",
                meaning=more_is_worse(notice=2, critical=30),
                links=TO_PLANT,
            ).min(0),
            12,
        ),
        heading="Latency by stage",
    )


def _waits() -> PanelRow:
    return panel_row(
        7,
        (
            number(
                "Wait",
                "The longest current wait of any service. Its /healthz names the server and the start time.",
                at_the_end("max(energytrack_service_waiting_seconds)", "waiting"),
                unit="s",
                meaning=more_is_worse(notice=10, critical=60),
                links=TO_PLANT,
            ).decimals(0),
            4,
        ),
        (
            course(
                "Wait by service",
                "How long each service has been waiting for a server, or for its own batch to finish. While a line "
                "rises, the service is still waiting.",
                over_time(
                    "max by (job, awaited) (energytrack_service_waiting_seconds) > 1", "{{job}} waits for {{awaited}}"
                ),
                unit="s",
                meaning=more_is_worse(notice=10, critical=60),
                links=TO_PLANT,
            )
            .min(0)
            .no_value("No service is waiting."),
            20,
        ),
        heading="Waiting for servers",
    )


def _what_broke() -> PanelRow:
    return panel_row(
        7,
        (
            bars(
                course(
                    "Dead letters by reason",
                    "Messages that could not be parsed, by reason.",
                    over_time(
                        "max by (reason) (sum by (stage, reason) "
                        "(increase(energytrack_pipeline_rejected_total[$__rate_interval]))) > 0",
                        "{{reason}}",
                    ),
                    unit="short",
                    links=TO_PLANT,
                )
            )
            .min(0)
            .interval("1m")
            .no_value("No dead letters."),
            12,
        ),
        (
            timeline(
                "Service availability",
                "Whether Prometheus could read each service's metrics.",
                over_time("min by (job) (up)", "{{job}}"),
                unit="short",
                links=TO_PLANT,
            ).mappings(words(("1", "up", GOOD), ("0", "down", CRITICAL))),
            12,
        ),
        heading="Errors",
    )


def _rate(direction: str, selector: str) -> str:
    return f"sum(rate(energytrack_pipeline_{direction}_total{{{selector}}}[$__rate_interval]))"
