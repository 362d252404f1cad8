"""Button cells: orders that an operator can give directly from a table.

Grafana sends them with the session of the user who clicked, so the control API decides who may give them; viewers see
no buttons. The address is relative: buttons work through the front door, where Grafana and the control API share an
origin.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from tools.dashboards.kit.tables import PanelColumn, look

DEVICE_ID: Final = "${__data.fields.device_id}"
"""The machine of the row. The table must keep its label `device_id` under that name."""
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def button(
    title: str, question: str, path: str, *, body: Mapping[str, Any] = NOTHING, asked: Mapping[str, str] = NOTHING,
    method: str = "POST",
) -> dict[str, Any]:  # fmt: skip
    """A button that asks for some texts and for confirmation, then sends a request to the control API.

    `asked` are the texts by name, each with the caption of its field. Grafana does not escape what is typed, so a
    quotation mark would break the body: the texts are parameters of the address, where they are escaped.
    """
    action: dict[str, Any] = {
        "type": "fetch",
        "title": title,
        "confirmation": question,
        "oneClick": False,
        "fetch": {
            "method": method,
            "url": f"/control/api/{path}",
            "body": json.dumps(dict(body)),
            "headers": [["Content-Type", "application/json"]],
            "queryParams": [[name, f"${name}"] for name in asked],
        },
    }
    if asked:
        action["variables"] = [{"key": name, "name": shown, "type": "string"} for name, shown in asked.items()]
    return action


def order(title: str, path: str, question: str, *, method: str = "POST", **more: bool) -> dict[str, Any]:
    """A button for an order for the machine of its row, which asks for a reason.

    The question repeats the reason and says what it is for: Grafana goes on if nothing was typed, and shows only that
    there was an error when the control API refuses it then; `kit.orders` lists what was refused.
    """
    body = more if path.startswith("devices/") else {"device_id": DEVICE_ID, **more}
    return button(title, question, path, body=body, asked={"reason": "Reason"}, method=method)


REASON: Final = 'Reason: "$reason" (refused without one).'

SHUT_DOWN: Final = order(
    "Shut down",
    "shutdown",
    f"{REASON} Shut down {DEVICE_ID}? While it is working or its line is in shift, this is refused; the panel Latest "
    "orders then says so. Shut down?",
)
SHUT_DOWN_AT_WORK: Final = order(
    "Stop now",
    "shutdown",
    f"{REASON} Stop {DEVICE_ID} at once, even in mid-cycle or in shift? The work in it may be lost. Stop now?",
    override=True,
)
"""The control API refuses to stop a machine in its shift or in mid-cycle unless it is overridden."""
RESTART: Final = order("Restart", "restart", f"{REASON} Restart {DEVICE_ID}?")
RELEASE: Final = order(
    "Release",
    f"devices/{DEVICE_ID}/lock",
    f'Reason: "$reason" (needed for the lock of another person). Release {DEVICE_ID}, so that it can be restarted?',
    method="DELETE",
)
LOCK: Final = order(
    "Lock",
    f"devices/{DEVICE_ID}/lock",
    f"{REASON} Lock {DEVICE_ID} out? Nobody can restart it remotely until you release it. Lock?",
)


SCHEDULE_SHUTDOWN: Final = button(
    "Schedule shutdown",
    f"Shut {DEVICE_ID} down after work from now on, and prove what it saves?",
    "measures/scheduled-shutdown",
    body={"device_id": DEVICE_ID},
    asked={
        "at": "Time (22:15), or empty",
        "until": "Until (05:45 of the next working day), or empty: it stays off",
        "reason": "Reason, or empty",
    },
)
"""Accepts the recommendation: makes the schedule, another for the restart if there is one, and opens the measure."""


GIVE_REASON: Final = button(
    "Give reason",
    f'Did {DEVICE_ID} stand because of "$reason"? What is not one of the reasons in plant.toml is refused. Write it '
    "down?",
    "stops/reason",
    body={"device_id": DEVICE_ID, "start": "${__data.fields.start}"},
    asked={"reason": "Reason, such as Tool change", "note": "Note, or empty"},
)
"""Give the reason of the row's stop, whose start is in the label `start`."""


ALARM: Final = "${__data.fields.alarm}"
"""The rule behind the alarm of the row, if the table has that label."""
ALARM_ID: Final = "${__data.fields.alarm_id}"


ACKNOWLEDGE: Final = button(
    "Acknowledge",
    f"Acknowledge {ALARM}? It shows that you handle it. Acknowledge?",
    f"alarms/{ALARM_ID}/acknowledge",
)
"""Acknowledge by the alarm's id: alarms of the plant or of a service have no machine."""


def verdict(title: str, meaning: str, question: str) -> dict[str, Any]:
    """A button that asks what was found, then gives the verdict on the alarm of its row."""
    return button(
        title,
        question,
        f"alarms/{ALARM_ID}/verdict",
        body={"verdict": meaning},
        asked={"finding": "What was found"},
    )


FOUND: Final = 'Found: "$finding" (refused if nothing is said).'

WAS_RIGHT: Final = verdict("Was right", "true_alarm", f"{FOUND} Was the alarm {ALARM} of {DEVICE_ID} right?")
FALSE_ALARM: Final = verdict("False alarm", "false_alarm", f"{FOUND} Was {ALARM} of {DEVICE_ID} a false alarm?")
"""The next model learns from verdicts."""


def acting(query: str, title: str, *buttons: dict[str, Any], width: int) -> PanelColumn:
    """A column of buttons, in place of a query's value."""
    return PanelColumn(f"Value #{query}", title, _cell(buttons, width))


def acting_on(label: str, title: str, *buttons: dict[str, Any], width: int) -> PanelColumn:
    """A column of buttons, in place of a label that they name in their addresses."""
    return PanelColumn(label, label, (look("displayName", title), *_cell(buttons, width)))


def _cell(buttons: tuple[dict[str, Any], ...], width: int) -> tuple[DynamicConfigValue, ...]:
    return (
        look("custom.cellOptions", {"type": "actions"}),
        look("actions", list(buttons)),
        look("custom.width", width),
        look("custom.filterable", False),
    )
