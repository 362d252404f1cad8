"""Button cells: orders that an operator can give directly from a table.

Grafana sends them with the session of the user who clicked, so the control API decides who may; viewers see no buttons.
The address is relative: buttons work through the front door, where Grafana and the control API share an origin.
"""

import json
from typing import Any, Final

from tools.dashboards.kit.tables import Column, look

DEVICE_ID: Final = "${__data.fields.device_id}"
"""The machine of the row. The table must keep its label `device_id` under that name."""


def order(title: str, path: str, question: str, **more: bool) -> dict[str, Any]:
    """A button that asks for a reason and for confirmation, then posts an order for the machine of its row."""
    return {
        "type": "fetch",
        "title": title,
        "confirmation": question,
        "oneClick": False,
        "fetch": {
            "method": "POST",
            "url": f"/control/api/{path}",
            "body": json.dumps({"device_id": DEVICE_ID, **more}),
            "headers": [["Content-Type", "application/json"]],
            # Grafana inserts what is typed unescaped, and a quotation mark would break the body; here it is escaped.
            "queryParams": [["reason", "$reason"]],
        },
        "variables": [{"key": "reason", "name": "Reason", "type": "string"}],
    }


SHUT_DOWN: Final = order("Shut down", "shutdown", f"Shut down {DEVICE_ID}?")
SHUT_DOWN_AT_WORK: Final = order("Stop now", "shutdown", f"{DEVICE_ID} may be working. Stop it anyway?", override=True)
"""The control API refuses to stop a machine in its shift or in mid-cycle unless it is overridden."""
RESTART: Final = order("Restart", "restart", f"Restart {DEVICE_ID}?")


SCHEDULE_SHUTDOWN: Final = {
    "type": "fetch",
    "title": "Schedule shutdown",
    "confirmation": f"Shut {DEVICE_ID} down after work from now on, and prove what it saves?",
    "oneClick": False,
    "fetch": {
        "method": "POST",
        "url": "/control/api/measures/scheduled-shutdown",
        "body": json.dumps({"device_id": DEVICE_ID}),
        "headers": [["Content-Type", "application/json"]],
        "queryParams": [["reason", "$reason"], ["at", "$at"]],
    },
    "variables": [
        {"key": "at", "name": "Time (22:15), or empty", "type": "string"},
        {"key": "reason", "name": "Reason, or empty", "type": "string"},
    ],
}
"""Accepts the recommendation: makes the schedule and opens the measure."""


ALARM: Final = "${__data.fields.alarm}"
"""The rule behind the alarm of the row, if the table has that label."""


def acknowledge(question: str, **of: str) -> dict[str, Any]:
    """A button that asks for confirmation, then acknowledges these open alarms."""
    return {
        "type": "fetch",
        "title": "Acknowledge",
        "confirmation": question,
        "oneClick": False,
        "fetch": {
            "method": "POST",
            "url": "/control/api/alarms/acknowledge",
            "body": json.dumps(of),
            "headers": [["Content-Type", "application/json"]],
            "queryParams": [],
        },
    }


ACKNOWLEDGE_ALL: Final = acknowledge(f"Acknowledge all open alarms of {DEVICE_ID}?", device_id=DEVICE_ID)
ACKNOWLEDGE: Final = acknowledge(f"Acknowledge {ALARM} of {DEVICE_ID}?", device_id=DEVICE_ID, alarm=ALARM)


def acting(query: str, title: str, *buttons: dict[str, Any], width: int) -> Column:
    """A column of buttons, in place of a query's value."""
    return Column(
        f"Value #{query}",
        title,
        (
            look("custom.cellOptions", {"type": "actions"}),
            look("actions", list(buttons)),
            look("custom.width", width),
            look("custom.filterable", False),
        ),
    )
