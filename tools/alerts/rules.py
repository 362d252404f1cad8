"""Prometheus' rules: first the recorded signals of alerts, then alerts that only compare them."""

from textwrap import indent
from typing import Any, Final

from tools.alerts import disk, reasons
from tools.alerts.catalogue import RUNBOOK, AlertDefinition, Catalogue, Unit
from tools.alerts.values import in_words, scaled, with_labels

INTERVAL: Final = "15s"
ORIGIN: Final = '{{ reReplaceAll "/prometheus/?$" "" $externalURL }}'
"""The front door: Prometheus lives below it and knows its own address."""

EXPORTERS_AWAY: Final = "plant:exporters_away:active"
"""Recorded while machines may be unknown: no replica answers, or one of them came or went within two minutes.

A replica that stays away no longer counts: by then the others have taken over its machines, and what none of them
exports is over. If replicas are found by name, there is no `up` of one that has gone: it counts as missing for an hour
at most.
"""
_EXPORTERS_AWAY_LOGIC: Final = """count(
  max by (job) (up{job="exporters"}) == 0
  or
  changes(up{job="exporters"}[2m]) > 0
  or
  (up{job="exporters"} unless up{job="exporters"} offset 2m)
  or
  (last_over_time(up{job="exporters"}[2m]) unless up{job="exporters"})
  or
  (last_over_time(up{job="exporters"}[1h]) unless on () up{job="exporters"})
) > bool 0"""

DASHBOARDS: Final = {
    "energy": "/d/energytrack-energy",
    "savings": "/d/energytrack-savings",
    "maintenance": "/d/energytrack-maintenance",
    "model": "/d/energytrack-model",
    "pipeline": "/d/energytrack-pipeline",
    "plant": "/d/energytrack-plant",
    "device": "/d/energytrack-device?var-device={{ $labels.device_id }}",
}


def rules(catalogue: Catalogue) -> dict[str, Any]:
    """The content of a file of rules."""
    recorded = [
        {"record": reasons.RECORD, "expr": reasons.logic()},
        {"record": EXPORTERS_AWAY, "expr": _EXPORTERS_AWAY_LOGIC},
    ]
    for alert in catalogue.alerts:
        recorded += [{"record": each.record, "expr": each.logic.strip()} for each in alert.before]
        if alert.logic is not None:
            recorded.append({"record": alert.signal, "expr": _held(alert, alert.logic.strip())})
    alerting = [_alert(alert) for alert in catalogue.alerts]
    return {
        "groups": [
            {"name": "alert-signals", "interval": INTERVAL, "rules": recorded},
            {"name": "alerts", "interval": INTERVAL, "rules": alerting},
        ]
    }


def _held(alert: AlertDefinition, logic: str) -> str:
    """A machine's signal keeps its value while exporters are away: their silence ends no failure."""
    if alert.subject != "device":
        return logic
    return f"(\n{indent(logic, '  ')}\n)\nor\n({alert.signal} and on () {EXPORTERS_AWAY})"


def _alert(alert: AlertDefinition) -> dict[str, Any]:
    rule: dict[str, Any] = {"alert": alert.name, "expr": _expression(alert)}
    if alert.holds != "0s":
        rule["for"] = alert.holds
    rule["labels"] = {"severity": alert.severity, "team": alert.team}
    facts = reasons.PROMETHEUS_TEXT if alert.factors else disk.PROMETHEUS_TEXT if alert.subject == "disk" else ""
    annotations = {
        "summary": _text(alert.summary, alert.unit),
        "description": facts + _text(alert.action, alert.unit),
        "dashboard_url": ORIGIN + DASHBOARDS[alert.dashboard],
    }
    if alert.subject == "device":
        annotations["device_url"] = ORIGIN + "/control/devices/{{ $labels.device_id }}"
    annotations["runbook_url"] = f"{ORIGIN}/{RUNBOOK}#{alert.anchor}"
    return rule | {"annotations": annotations}


def _expression(alert: AlertDefinition) -> str:
    """Compare the signal; if an alert has a value, the expression returns it, or NaN if it is missing."""
    signal = f"{alert.signal} > 0"
    if alert.value is None or alert.unit is None:
        return signal
    return f"{scaled(alert.value, alert.unit)} and {signal} or NaN * ({signal})"


def _text(text: str, unit: Unit | None) -> str:
    if unit is not None:
        text = text.replace("{value}", in_words(unit, "$value"))
    return with_labels(text)
