"""Notifications as Alertmanager 0.25 and Grafana 12.2 send them, unchanged except for names and times."""

from datetime import timedelta
from typing import Any, Final

from testkit.dates import NOW, written

OVER: Final = timedelta(hours=13, minutes=10, seconds=30)
"""How long the alert lasts."""
_AT_ALERTMANAGER: Final = timedelta(seconds=11, milliseconds=128)
_AT_GRAFANA: Final = timedelta(seconds=10)


def from_alertmanager(status: str = "firing", device_id: str = "cnc-0007", **alert: Any) -> dict[str, Any]:
    """A notification that Alertmanager posts to a webhook (version 4)."""
    labels = {"alertname": "FailureRiskHigh", "device_id": device_id, "device_type": "cnc_machine",
              "line": "machining-a", "severity": "critical", "team": "maintenance"}  # fmt: skip
    return {
        "receiver": "control-api",
        "status": status,
        "alerts": [
            {
                "status": status,
                "labels": labels,
                "annotations": {
                    "summary": f"{device_id} is likely to fail within 24 hours",
                    "description": "Failure probability 0.83, threshold 0.41.",
                    "runbook_url": "https://plant.example/runbook#failure-risk",
                },
                "startsAt": written(NOW + _AT_ALERTMANAGER),
                "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else written(NOW + _AT_ALERTMANAGER + OVER),
                "generatorURL": "http://127.0.0.1:8080/prometheus/graph?g0.expr=x&g0.tab=1",
                "fingerprint": "5a4f4f0c9c3c0e0b",
            }
            | alert
        ],
        "groupLabels": {"line": "machining-a"},
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "http://127.0.0.1:9095",
        "version": "4",
        "groupKey": '{}:{line="machining-a"}',
        "truncatedAlerts": 0,
    }


def from_grafana(status: str = "firing", device_id: str = "cnc-0007", **alert: Any) -> dict[str, Any]:
    """A notification that Grafana's alerting posts to a webhook contact point."""
    labels = {"alertname": "FailureRiskHigh", "device_id": device_id, "grafana_folder": "Energy Track",
              "line": "machining-a", "severity": "critical"}  # fmt: skip
    return {
        "receiver": "control-api",
        "status": status,
        "alerts": [
            {
                "status": status,
                "labels": labels,
                "annotations": {"summary": f"{device_id} is likely to fail within 24 hours"},
                "startsAt": written(NOW + _AT_GRAFANA),
                "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else written(NOW + _AT_GRAFANA + OVER),
                "generatorURL": "http://127.0.0.1:8080/alerting/grafana/failure-risk/view?orgId=1",
                "fingerprint": "c6eadffa33fcdf37",
                "silenceURL": "http://127.0.0.1:8080/alerting/silence/new?alertmanager=grafana",
                "dashboardURL": "http://127.0.0.1:8080/d/device?orgId=1",
                "panelURL": "http://127.0.0.1:8080/d/device?orgId=1&viewPanel=4",
                "values": {"A": 0.83, "C": 1},
                "valueString": "[ var='A' labels={device_id=cnc-0007} value=0.83 ]",
                "orgId": 1,
            }
            | alert
        ],
        "groupLabels": {"line": "machining-a"},
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "http://127.0.0.1:8080/",
        "version": "1",
        "groupKey": '{}/{}:{line="machining-a"}',
        "truncatedAlerts": 0,
        "orgId": 1,
        "title": "[FIRING:1] FailureRiskHigh",
        "state": "alerting" if status == "firing" else "ok",
        "message": "**Firing**",
    }
