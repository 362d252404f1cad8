"""Button cells: what an operator can order right from a table.

Grafana sends them with the session of whoever clicked, so the control API decides who may; viewers are shown none. The
address is relative: buttons work through the front door, where Grafana and the control API share an origin.
"""

import json
from typing import Any, Final

from tools.dashboards.tables import Column, look

DEVICE_ID: Final = "${__data.fields.device_id}"
"""The machine of the row. The table must keep its label `device_id` under that name."""


def order(title: str, path: str, question: str, **more: bool) -> dict[str, Any]:
    """A button that asks for a reason, then for confirmation, then posts an order for the machine of its row."""
    return {
        "type": "fetch",
        "title": title,
        "confirmation": question,
        "oneClick": False,
        "fetch": {
            "method": "POST",
            "url": f"/control/api/{path}",
            "body": json.dumps({"device_id": DEVICE_ID, "reason": "$reason", **more}),
            "headers": [["Content-Type", "application/json"]],
            "queryParams": [],
        },
        # Grafana puts what is typed into the body as it is: a reason with a quotation mark in it is refused.
        "variables": [{"key": "reason", "name": "Reason (without quotation marks)", "type": "string"}],
    }


SHUT_DOWN: Final = order("Shut down", "shutdown", f"Shut down {DEVICE_ID}?")
SHUT_DOWN_AT_WORK: Final = order(
    "Stop now", "shutdown", f"{DEVICE_ID} may be at work: stop it all the same?", override=True
)
"""The control API refuses to stop a machine in its shift or in mid-cycle unless somebody insists."""
RESTART: Final = order("Restart", "restart", f"Restart {DEVICE_ID}?")


def acting(query: str, title: str, *buttons: dict[str, Any], width: int) -> Column:
    """A column of buttons, in the place of a query's value."""
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
