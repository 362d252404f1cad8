"""The newest orders and what else was refused: who asked for it and why, and the answer or the reason of the refusal.

Grafana itself only says that there was an error when the control API refuses what a button sent.
"""

from collections.abc import Mapping
from types import MappingProxyType
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
REQUESTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "locks.lock": "lock",
        "locks.release": "release",
        "alarm_deeds.acknowledge": "acknowledge",
        "alarm_deeds.acknowledge_of_device": "acknowledge",
        "alarm_deeds.snooze": "snooze",
        "alarm_deeds.comment": "comment",
        "alarm_deeds.assign": "assign",
        "alarm_deeds.judge": "verdict",
        "cases.acknowledge_case": "acknowledge",
        "cases.snooze_case": "snooze",
        "cases.comment_on_case": "comment",
        "cases.assign_case": "assign",
        "cases.judge_case": "verdict",
        "paging.test_channels": "test page",
        "schedules.make_schedule": "make schedule",
        "schedules.pause": "pause schedule",
        "schedules.resume": "resume schedule",
        "schedules.delete": "delete schedule",
        "measures.open_measure": "open measure",
        "measures.accept": "schedule shutdown",
        "measures.change": "change measure",
        "measures.end": "end measure",
        "production.give_reason": "reason of stop",
    }
)
"""What can be refused besides orders, by the names of the control API's routes."""
ACTIONS: Final[list[ValueMapping]] = words(
    ("shutdown", "shut down", PLAIN),
    ("restart", "restart", PLAIN),
    *((route, said, PLAIN) for route, said in REQUESTS.items()),
)
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
    """The newest orders to these machines, and what else was refused, the newest first.

    Their reasons and answers need the whole width.
    """
    ordered = f"energytrack_device_order_timestamp_seconds{{{machines}}}"
    return _requests(
        "Latest orders",
        "The newest orders of the last week: who gave them, why, and what the machine answered, or why the order "
        "was refused. Other requests are listed if they were refused: locks, verdicts, schedules.",
        f"{ordered} or {_refused(machines)}",
        newest=newest,
        empty="Nothing in the last week.",
        reasons=True,
    )


def refused_requests(title: str, description: str, *routes: str, machines: str = "", newest: int = 10) -> table.Panel:
    """What was refused of these, by the names of their routes, for a dashboard without orders."""
    chosen = ",".join(filter(None, (machines, f'action=~"{"|".join(routes)}"')))
    return _requests(
        title,
        description,
        _refused(chosen),
        newest=newest,
        empty="Nothing was refused in the last week.",
        reasons=False,
    )


def _refused(chosen: str) -> str:
    return (
        f'label_replace(energytrack_device_refused_request_timestamp_seconds{{{chosen}}}, "status", "refused", "", "")'
    )


def _requests(title: str, description: str, expression: str, *, newest: int, empty: str, reasons: bool) -> table.Panel:
    when = f"topk({newest}, 1000 * max by ({_LABELS}) ({expression}))"
    columns = [
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine", width=110),
        PanelColumn("Value #when", "When", (look("unit", "dateTimeFromNow"), look("custom.width", 130))),
        PanelColumn("action", "Order", (look("mappings", ACTIONS), look("custom.width", 150))),
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
    ]
    if reasons:
        columns.append(PanelColumn("reason", "Why", (look("custom.width", 150), look("custom.wrapText", True))))
    columns.append(PanelColumn("ordered_by", "By", (look("mappings", PEOPLE), look("custom.width", 130))))
    return with_columns(
        listing(
            title,
            description,
            rows(or_away(when, "control_api", said_as="device_id"), "when"),
            unit="short",
            links=(),
        ).no_value(empty),
        *columns,
        sorted_by="When",
    )


_LABELS: Final = "device_id, command_id, request_id, action, status, ordered_by, reason, detail"
