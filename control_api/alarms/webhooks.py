"""Parses the notifications of Grafana's alerting and of Alertmanager, which are nearly the same.

Alertmanager's webhook (version 4) and Grafana's, which adds fields: title, message, values, dashboardURL, panelURL.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, Strict

from control_api.alarms.rules import Alert, Sender
from energytrack.store.operations.alarms import SEVERITIES, Severity

NOT_ENDED: Final = 1
"""The year in Alertmanager's end time of an alert that has not ended: 0001-01-01T00:00:00Z."""
MAX_ALERTS: Final = 10_000
IDENTIFYING: Final = ("line", "stage", "topic", "disk", "service", "job", "instance", "baseline", "measure")
"""Labels that distinguish alerts of one rule if they are not about a machine."""
PARTS: Final = ("sensor",)
"""Labels that distinguish alerts of one rule about one machine."""
DESCRIBING: Final = frozenset({"alertname", "rulename", "severity", "team", "device_type", "grafana_folder", "plant"})
"""Labels that distinguish nothing, and labels that only one of the senders adds: `plant` is Prometheus' own."""


Time = Annotated[AwareDatetime, Strict(False)]  # JSON has no times, so a text is parsed


class AlertPayload(BaseModel):
    """One alert as sent."""

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
    orgId: int | None = None  # noqa: N815  # Grafana's, and only Grafana's

    @property
    def sender(self) -> Sender:
        """The sender: the formats are nearly the same, but only Grafana has organisations."""
        return "alertmanager" if self.orgId is None else "grafana"

    def parsed_alerts(self) -> list[Alert]:
        return [parsed(payload, self.sender) for payload in self.alerts]


def parsed(payload: AlertPayload, sender: Sender) -> Alert:
    """The alert; the same condition has the same subject, whoever evaluates it."""
    labels, notes = payload.labels, payload.annotations
    rule = labels.get("rulename") or labels.get("alertname") or "unnamed rule"
    device_id = labels.get("device_id") or None
    links = {"rule": payload.generatorURL, "dashboard": notes.get("dashboard_url") or payload.dashboardURL,
             "runbook": notes.get("runbook_url", "")}  # fmt: skip
    return Alert(
        rule=rule[:200],
        sender=sender,
        subject=_subject(labels),
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
    if labels.get("device_id"):
        return " ".join([labels["device_id"], *_label_texts(labels, PARTS)])
    rest = sorted(name for name in labels if name not in DESCRIBING and not name.startswith("__"))
    return " ".join(_label_texts(labels, IDENTIFYING) or _label_texts(labels, rest))


def _label_texts(labels: Mapping[str, str], names: Iterable[str]) -> list[str]:
    return [f"{name}={labels[name]}" for name in names if labels.get(name)]


def _severity(label: str) -> Severity:
    return next((severity for severity in SEVERITIES if severity == label.lower()), "warning")


def _end(moment: datetime | None) -> datetime | None:
    return None if moment is None or moment.year <= NOT_ENDED else moment
