"""The notifications of Grafana's alerting and of Alertmanager, which are nearly the same, read as alerts.

Alertmanager's webhook (version 4) and Grafana's, which adds fields: title, message, values, dashboardURL, panelURL.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, Strict

from control_api.alarms.rules import Alert
from energytrack.store.operations.alarms import SEVERITIES, Severity

NOT_ENDED: Final = 1
"""The year in which Alertmanager dates the end of an alert that has not ended: 0001-01-01T00:00:00Z."""
MAX_ALERTS: Final = 10_000
IDENTIFYING: Final = ("stage", "topic", "service", "job", "instance")
"""Labels that distinguish alerts of one rule that are not about a machine."""


Time = Annotated[AwareDatetime, Strict(False)]  # JSON has no times, so a text is parsed


class AlertPayload(BaseModel):
    """One alert as it is sent."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    startsAt: Time  # noqa: N815  # their name
    endsAt: Time | None = None  # noqa: N815  # their name
    generatorURL: str = ""  # noqa: N815  # their name
    dashboardURL: str = ""  # noqa: N815  # Grafana's
    fingerprint: str = ""


class NotificationRequest(BaseModel):
    """A notification about one or many alerts."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    receiver: str = ""
    status: str = ""
    alerts: list[AlertPayload] = Field(max_length=MAX_ALERTS)
    truncatedAlerts: int = 0  # noqa: N815  # their name

    def parsed_alerts(self) -> list[Alert]:
        return [_alert(payload) for payload in self.alerts]


def _alert(payload: AlertPayload) -> Alert:
    labels, notes = payload.labels, payload.annotations
    rule = labels.get("rulename") or labels.get("alertname") or "unnamed rule"
    device_id = labels.get("device_id") or None
    links = {"rule": payload.generatorURL, "dashboard": notes.get("dashboard_url") or payload.dashboardURL,
             "runbook": notes.get("runbook_url", "")}  # fmt: skip
    return Alert(
        rule=rule[:200],
        subject=device_id or _subject(labels) or payload.fingerprint,
        firing=payload.status == "firing",
        device_id=device_id,
        line=labels.get("line") or None,
        severity=_severity(labels.get("severity", "")),
        summary=(notes.get("summary") or rule)[:500],
        description=notes.get("description", "")[:4000],
        started_at=payload.startsAt,
        ended_at=_end(payload.endsAt),
        links={name: link for name, link in links.items() if link.startswith(("https://", "http://", "/"))},
    )


def _subject(labels: Mapping[str, str]) -> str:
    return " ".join(f"{name}={labels[name]}" for name in ("line", *IDENTIFYING) if labels.get(name))


def _severity(label: str) -> Severity:
    return next((severity for severity in SEVERITIES if severity == label.lower()), "warning")


def _end(moment: datetime | None) -> datetime | None:
    return None if moment is None or moment.year <= NOT_ENDED else moment
