"""The row about disks: how full they are, how long they last, what uses them, and which services have paused."""

from tools.dashboards.kit.frame import PanelRow, panel_row
from tools.dashboards.kit.panels import Links, course, number, stacked, timeline
from tools.dashboards.kit.queries import at_the_end, over_time
from tools.dashboards.kit.wording.colours import CRITICAL, GOOD, more_is_better, words


def disk_room(links: Links) -> PanelRow:
    """Warn below 15 % free or with less than a day left; below 5 % services pause."""
    return panel_row(
        7,
        (
            number(
                "Full in",
                "When the fullest disk reaches its reserve, at the growth of the last hour.",
                at_the_end("min(disk:lasts_seconds:min)", "lasts"),
                unit="s",
                meaning=more_is_better(critical=6 * 3600, good=86_400),
                links=links,
            )
            .decimals(0)
            .no_value("not filling"),
            4,
        ),
        (
            course(
                "Free disk space",
                "The free share of each disk. Below 5 % services pause until there is space again.",
                over_time("disk:free_ratio:min", "{{disk}}"),
                unit="percentunit",
                meaning=more_is_better(critical=0.05, good=0.15),
                links=links,
            )
            .min(0)
            .max(1),
            7,
        ),
        (
            stacked(
                course(
                    "Disk use",
                    "Disk usage by component: broker, database, Prometheus, logs and so on.",
                    over_time("disk_part:used_bytes:max", "{{part}}"),
                    unit="bytes",
                    links=(),
                )
            ).min(0),
            7,
        ),
        (
            timeline(
                "Writes paused",
                "Services that have paused because a disk is nearly full. They continue by themselves.",
                over_time("max by (job) (energytrack_disk_paused)", "{{job}}"),
                unit="short",
                links=links,
            ).mappings(words(("0", "works", GOOD), ("1", "paused", CRITICAL))),
            6,
        ),
        heading="Disks",
    )
