"""The part of *Pipeline health* about what the services cost: processor, memory, and Prometheus' own work."""

from tools.dashboards.kit.frame import PanelRow, panel_row
from tools.dashboards.kit.panels import Links, course
from tools.dashboards.kit.queries import over_time
from tools.dashboards.kit.wording.colours import more_is_worse


def cost() -> PanelRow:
    """The processor time and memory of each service."""
    return panel_row(
        7,
        (
            course(
                "CPU",
                "CPU cores used by each service.",
                over_time("sum by (job) (rate(process_cpu_seconds_total[$__rate_interval]))", "{{job}}"),
                unit="short",
                links=(),
            ).min(0),
            8,
        ),
        (
            course(
                "Memory",
                "Resident memory of each service.",
                over_time("sum by (job) (process_resident_memory_bytes)", "{{job}}"),
                unit="bytes",
                links=(),
            ).min(0),
            8,
        ),
        (
            course(
                "Replicas",
                "Running replicas of each service. They share the partitions.",
                over_time("sum by (job) (up)", "{{job}}"),
                unit="short",
                links=(),
            )
            .min(0)
            .decimals(0),
            8,
        ),
        heading="Resources",
    )


def scrapes(links: Links) -> PanelRow:
    """Prometheus' own work to scrape all services."""
    return panel_row(
        7,
        (
            course(
                "Scrape duration",
                "How long Prometheus takes to read each service's metrics; it reads them every few seconds.",
                over_time("max by (job) (scrape_duration_seconds)", "{{job}}"),
                unit="s",
                meaning=more_is_worse(notice=1, critical=4),
                links=links,
            ).min(0),
            12,
        ),
        (
            course(
                "Samples per scrape",
                "Number of samples in each service's metrics, which Prometheus has to store.",
                over_time("sum by (job) (scrape_samples_scraped)", "{{job}}"),
                unit="short",
                links=(),
            ).min(0),
            12,
        ),
        heading="Prometheus",
    )
