"""The newest orders: who gave them and why, and the machine's answer or the reason of the refusal."""

from typing import Final

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models.dashboard import (
    DashboardRegexMapOptions,
    RegexMap,
    ValueMapping,
    ValueMappingResult,
)

from tools.dashboards.kit import links
from tools.dashboards.kit.panels import listing
from tools.dashboards.kit.queries import or_away, rows
from tools.dashboards.kit.tables import PanelColumn, linked, look, with_columns
from tools.dashboards.kit.wording.colours import CRITICAL, GOOD, MUTED, PLAIN, WARNING, words

OF_ROW: Final = "${__data.fields.device_id}"
ACTIONS: Final[list[ValueMapping]] = words(("shutdown", "shut down", PLAIN), ("restart", "restart", PLAIN))
STATUSES: Final[list[ValueMapping]] = words(
    ("requested", "not sent yet", MUTED),
    ("sent", "waiting for the machine", PLAIN),
    ("done", "done", GOOD),
    ("refused", "refused", CRITICAL),
    ("failed", "failed", CRITICAL),
    ("expired", "no answer", WARNING),
)

PEOPLE: Final[list[ValueMapping]] = [
    RegexMap(
        options=DashboardRegexMapOptions(
            pattern=r"^(?:schedule:\S+ of )?(?:grafana|link|token):(.*)$",
            result=ValueMappingResult(text="$1", index=0),
        )
    )
]
"""By name; the label also says how somebody signed in."""


def latest_orders(machines: str, *, newest: int = 20) -> table.Panel:
    """The newest orders to these machines, the newest first; their reasons and answers need the whole width."""
    when = f"1000 * energytrack_device_order_timestamp_seconds{{{machines}}}"
    return with_columns(
        listing(
            "Latest orders",
            "The newest orders of the last week: who gave them, why, and what the machine answered, or why the order "
            "was refused.",
            rows(or_away(f"topk({newest}, max by ({_LABELS}) ({when}))", "control_api", said_as="device_id"), "when"),
            unit="short",
            links=(),
        ).no_value("No order in the last week."),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine", width=110),
        PanelColumn("Value #when", "When", (look("unit", "dateTimeFromNow"), look("custom.width", 130))),
        PanelColumn("action", "Order", (look("mappings", ACTIONS), look("custom.width", 90))),
        PanelColumn(
            "status",
            "Outcome",
            (
                look("mappings", STATUSES),
                look("custom.cellOptions", {"type": "color-text"}),
                look("custom.width", 110),
            ),
        ),
        PanelColumn("detail", "Answer", (look("custom.minWidth", 220), look("custom.wrapText", True))),
        PanelColumn("reason", "Why", (look("custom.width", 150), look("custom.wrapText", True))),
        PanelColumn("ordered_by", "By", (look("mappings", PEOPLE), look("custom.width", 130))),
        sorted_by="When",
    )


_LABELS: Final = "device_id, command_id, action, status, ordered_by, reason, detail"
