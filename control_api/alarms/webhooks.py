"""What Grafana's alerting and Alertmanager send: nearly the same, taken as one.

Alertmanager's webhook (version 4) and Grafana's, which adds fields: title, message, values, dashboardURL, panelURL.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from control_api.alarms.rules import Alert
from energytrack.store.operations.alarms import SEVERITIES, Severity

NOT_YET: Final = 1
"""The year that Alertmanager gives an end which has not come: 0001-01-01T00:00:00Z."""
MAX_ALERTS: Final = 10_000
IDENTIFYING: Final = ("stage", "topic", "service", "job", "instance")
"""Labels that tell alerts of one rule apart where they are about no machine."""


class AlertPayload(BaseModel):
    """One alert."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    startsAt: AwareDatetime  # noqa: N815  # their name
    endsAt: AwareDatetime | None = None  # noqa: N815  # their name
    generatorURL: str = ""  # noqa: N815  # their name
    dashboardURL: str = ""  # noqa: N815  # Grafana's
    fingerprint: str = ""


class NotificationRequest(BaseModel):
    """A notification."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    receiver: str = ""
    status: str = ""
    alerts: list[AlertPayload] = Field(max_length=MAX_ALERTS)
    truncatedAlerts: int = 0  # noqa: N815  # their name


def alerts(asked: NotificationRequest) -> list[Alert]:
    """What a notification says, alert by alert."""
    return [_notice(alert) for alert in asked.alerts]


def _notice(alert: AlertPayload) -> Alert:
    labels, notes = alert.labels, alert.annotations
    rule = labels.get("rulename") or labels.get("alertname") or "unnamed rule"
    device = labels.get("device_id") or None
    links = {"rule": alert.generatorURL, "dashboard": notes.get("dashboard_url") or alert.dashboardURL,
             "runbook": notes.get("runbook_url", "")}  # fmt: skip
    return Alert(
        rule=rule[:200],
        subject=device or _subject(labels) or alert.fingerprint,
        firing=alert.status == "firing",
        device_id=device,
        line=labels.get("line") or None,
        severity=_severity(labels.get("severity", "")),
        summary=(notes.get("summary") or rule)[:500],
        description=notes.get("description", "")[:4000],
        started_at=alert.startsAt,
        ended_at=_end(alert.endsAt),
        links={name: link for name, link in links.items() if link.startswith(("https://", "http://", "/"))},
    )


def _subject(labels: Mapping[str, str]) -> str:
    return " ".join(f"{name}={labels[name]}" for name in ("line", *IDENTIFYING) if labels.get(name))


def _severity(label: str) -> Severity:
    return next((severity for severity in SEVERITIES if severity == label.lower()), "warning")


def _end(moment: datetime | None) -> datetime | None:
    return None if moment is None or moment.year <= NOT_YET else moment
