"""Grafana's alerting: rules that compare the series that Prometheus recorded, and the contacts.

In provisioned files Grafana replaces `$NAME` with the variable of that name, except in a rule's queries and
annotations.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from energytrack.plant import Plant
from tools.alerts import disk, reasons
from tools.alerts.catalogue import IDENTITY, RUNBOOK, AlertDefinition, Catalogue, Unit
from tools.alerts.manager import MAIL, PAGER, Contacts, Mail, configuration
from tools.alerts.values import NOT_KNOWN, in_words, scaled, with_labels

FOLDER: Final = "Energy Track"
"""The dashboards' folder, by title: alerts are provisioned before the folder exists."""
INTERVAL: Final = "20s"
"""Grafana's scheduler works in steps of ten seconds; the recorded signals change every 15 seconds."""
DATA_SOURCE: Final = "energytrack-prometheus"
WEBHOOK_URL: Final = "$ENERGYTRACK_GRAFANA_ALERTS_URL"
TOKEN: Final = "$ENERGYTRACK_CONTROL_API_ALERTS_TOKEN"  # noqa: S105  # a variable's name
MAIL_TO: Final = Mail("$ENERGYTRACK_GRAFANA_MAIL_TO", "", "")
PAGER_URL: Final = "$ENERGYTRACK_GRAFANA_PAGER_URL"
PEOPLE: Final = {
    "contacts.yaml": Contacts(WEBHOOK_URL, TOKEN),
    "mail.yaml": Contacts(WEBHOOK_URL, TOKEN, mail=MAIL_TO),
    "pager.yaml": Contacts(WEBHOOK_URL, TOKEN, pager_url=PAGER_URL),
    "mail-and-pager.yaml": Contacts(WEBHOOK_URL, TOKEN, mail=MAIL_TO, pager_url=PAGER_URL),
}
"""Files of contacts; the first is provisioned by default, another one replaces it if a plant chooses it."""
TEXTS: Final = """\
{{ define "energytrack.title" -}}
{{ if eq .Status "resolved" }}Resolved: {{ end }}{{ (index .Alerts 0).Annotations.summary -}}
{{ if gt (len .Alerts) 1 }} (and {{ len (slice .Alerts 1) }} more){{ end }}
{{- end }}
{{ define "energytrack.message" -}}
{{ range .Alerts -}}
{{ .Annotations.summary }}{{ if .Labels.line }} (line {{ .Labels.line }}){{ end }}
{{- if eq .Status "resolved" }}: resolved{{ end }}
{{ .Annotations.description }}
Dashboard: {{ .Annotations.dashboard_url }}
{{ if .Annotations.device_url }}Operate it: {{ .Annotations.device_url }}
{{ end }}Runbook: {{ .Annotations.runbook_url }}

{{ end }}
{{- end }}
"""
"""The texts of mails and pages."""


def rules(catalogue: Catalogue, earlier: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The content of a file of rules; rules that an earlier file had and the catalogue no longer has are deleted."""
    machines = [_rule(alert, catalogue) for alert in catalogue.alerts if alert.subject == "device"]
    others = [_rule(alert, catalogue) for alert in catalogue.alerts if alert.subject != "device"]
    groups = {"Machines": machines, "Plant and pipeline": [*others, _blind()]}
    gone = sorted(_uids(earlier or {}) - {rule["uid"] for each in groups.values() for rule in each})
    return {
        "apiVersion": 1,
        "groups": [
            {"orgId": 1, "name": name, "folder": FOLDER, "interval": INTERVAL, "rules": each}
            for name, each in groups.items()
        ],
        # Grafana keeps rules that are no longer in the file.
        **({"deleteRules": [{"orgId": 1, "uid": uid} for uid in gone]} if gone else {}),
    }


def _uids(content: Mapping[str, Any]) -> set[str]:
    """The ids of all rules that a file of rules ever had."""
    had = {rule["uid"] for group in content.get("groups", ()) for rule in group["rules"]}
    return had | {rule["uid"] for rule in content.get("deleteRules", ())}


def contacts(catalogue: Catalogue, plant: Plant, people: Contacts) -> dict[str, Any]:
    """The content of a file of contacts: who is notified, and when."""
    manager = configuration(catalogue, plant, people)
    return {
        "apiVersion": 1,
        "contactPoints": [
            {"orgId": 1, "name": receiver["name"], "receivers": [_receiver(receiver["name"], people)]}
            for receiver in manager["receivers"]
        ],
        "muteTimes": [{"orgId": 1, **interval} for interval in manager["time_intervals"]],
        "policies": [{"orgId": 1, **_route(manager["route"])}],
        "templates": [{"orgId": 1, "name": "energytrack", "template": TEXTS}],
    }


def _rule(alert: AlertDefinition, catalogue: Catalogue) -> dict[str, Any]:
    # Grafana joins queries on all labels, including the series' name; arithmetic removes the name.
    silenced = "".join(f" unless on ({on}) ({of} > 0)" for on, of in _silencers(alert, catalogue))
    queries = [_query("A", f"1 * {alert.signal}{silenced}")]
    queries += [_beside(name, expression, alert) for name, expression in _text_queries(alert).items()]
    facts = reasons.grafana_text() if alert.factors else disk.GRAFANA_TEXT if alert.subject == "disk" else ""
    annotations = {
        "summary": _text(alert.summary, alert.unit),
        "description": facts + _text(alert.action, alert.unit),
        "dashboard_url": _dashboard(alert),
    }
    if alert.subject == "device":
        annotations["device_url"] = _ours("control/devices/{{ $labels.device_id }}")
    annotations["runbook_url"] = _ours(f"{RUNBOOK}#{alert.anchor}")
    return {
        "uid": f"energytrack-{alert.anchor}",
        "title": alert.name,
        "condition": "C",
        "data": [*queries, _above_zero("A")],
        "for": alert.holds,
        "noDataState": "OK",  # a signal without data is no alarm; silent machines have a rule of their own
        "execErrState": "OK",  # and so has an unreachable Prometheus
        "labels": {"severity": alert.severity, "team": alert.team},
        "annotations": annotations,
        "dashboardUid": f"energytrack-{alert.dashboard}",
        "panelId": 1,
    }


def _blind() -> dict[str, Any]:
    """The one rule that Prometheus cannot evaluate itself: that it does not answer."""
    return {
        "uid": "energytrack-prometheus-away",
        "title": "PrometheusAway",
        "condition": "C",
        "data": [_query("A", "vector(0)"), _above_zero("A")],
        "for": "1m",
        "noDataState": "Alerting",
        "execErrState": "Alerting",
        "labels": {"severity": "critical", "team": "platform"},
        "annotations": {
            "summary": "Prometheus does not answer: no alert can fire",
            "description": "Check its log; a full disk is the most frequent reason.",
            "dashboard_url": _ours("d/energytrack-pipeline"),
            "runbook_url": _ours(f"{RUNBOOK}#service-down"),
        },
    }


def _silencers(alert: AlertDefinition, catalogue: Catalogue) -> list[tuple[str, str]]:
    """The alerts that suppress this one: the label they share (none: any machine) and their signal.

    Grafana's own Alertmanager has no inhibition, so the rule excludes these.
    """
    same = [(IDENTITY[other.subject][0], other.signal) for other in catalogue.alerts if alert.name in other.silences]
    anywhere = [("", other.signal) for other in catalogue.alerts if alert.name in other.silences_all]
    return same + anywhere


def _text_queries(alert: AlertDefinition) -> dict[str, str]:
    """The values in the texts besides labels, each as a query with its name."""
    queries = {}
    if alert.value is not None and alert.unit is not None:
        queries["B"] = scaled(alert.value, alert.unit)
    if alert.factors:
        queries |= reasons.grafana_queries()
    if alert.subject == "disk":
        queries |= disk.GRAFANA_QUERIES
    return queries


def _beside(name: str, expression: str, alert: AlertDefinition) -> dict[str, Any]:
    """A query for a text, with a result for every series of the signal.

    In Grafana one query without a result makes the whole rule `NoData`, whatever its condition is, and would end the
    alert.
    """
    same = ", ".join(IDENTITY[alert.subject][:1])
    return _query(name, f"{expression} or on ({same}) (0 * {alert.signal} + {NOT_KNOWN:.0e})")


def _query(name: str, expression: str) -> dict[str, Any]:
    return {
        "refId": name,
        "datasourceUid": DATA_SOURCE,
        "relativeTimeRange": {"from": 60, "to": 0},
        "model": {"refId": name, "expr": expression, "instant": True, "range": False, "editorMode": "code"},
    }


def _above_zero(query: str) -> dict[str, Any]:
    return {
        "refId": "C",
        "datasourceUid": "__expr__",
        "model": {
            "refId": "C",
            "type": "threshold",
            "expression": query,
            "conditions": [{"evaluator": {"type": "gt", "params": [0]}}],
        },
    }


def _receiver(name: str, people: Contacts) -> dict[str, Any]:
    title = '{{ template "energytrack.title" . }}'
    kind = "webhook"
    settings: dict[str, Any]
    if name == MAIL and people.mail:
        kind = "email"
        message = '{{ template "energytrack.message" . }}'
        settings = {"addresses": people.mail.to, "singleEmail": True, "subject": title, "message": message}
    elif name == PAGER:
        settings = {"url": people.pager_url, "httpMethod": "POST", "title": title}
    else:
        token = {"authorization_scheme": "Bearer", "authorization_credentials": people.token_file}
        settings = {"url": people.webhook_url, "httpMethod": "POST", **token}
    return {"uid": f"energytrack-{name}", "type": kind, "settings": settings}


def _route(route: dict[str, Any]) -> dict[str, Any]:
    """A route of Alertmanager in Grafana's format."""
    converted = {key: value for key, value in route.items() if key not in {"matchers", "routes"}}
    if "matchers" in route:
        converted["object_matchers"] = [_matcher(matcher) for matcher in route["matchers"]]
    if "routes" in route:
        converted["routes"] = [_route(each) for each in route["routes"]]
    return converted


def _matcher(text: str) -> list[str]:
    match = re.fullmatch(r'(\w+)(=~|!~|!=|=)"(.*)"', text)
    if match is None:
        raise ValueError(f"not a matcher: {text}")
    return list(match.groups())


def _dashboard(alert: AlertDefinition) -> str:
    query = "?var-device={{ $labels.device_id }}" if alert.dashboard == "device" else ""
    return _ours(f"d/energytrack-{alert.dashboard}{query}")


def _ours(path: str) -> str:
    """An address below the front door, which is Grafana's own address."""
    return "{{ externalURL }}" + path


def _text(text: str, unit: Unit | None) -> str:
    if unit is not None:
        text = text.replace("{value}", "{{ with $values.B }}" + in_words(unit, ".Value") + "{{ end }}")
    return with_labels(text)
