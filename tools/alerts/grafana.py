"""Grafana's side of the catalogue: rules that compare what Prometheus recorded, and who is told.

In provisioned files Grafana replaces `$NAME` by the variable of that name, but not in a rule's queries and annotations.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from energytrack.plant import Plant
from tools.alerts import disk, reasons
from tools.alerts.catalogue import IDENTITY, RUNBOOK, Alert, Catalogue, Unit
from tools.alerts.manager import MAIL, PAGER, Contacts, Mail, configuration
from tools.alerts.values import NOT_KNOWN, in_words, scaled

FOLDER: Final = "Energy Track"
"""The dashboards' folder, by its title: alerts are provisioned before it exists."""
INTERVAL: Final = "20s"
"""Grafana's scheduler counts in tens of seconds; the recorded signals change every 15 seconds."""
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
"""Files of contacts; the first is provisioned as it is, another one takes its place where a plant wants more."""
TEXTS: Final = """\
{{ define "energytrack.title" -}}
{{ if eq .Status "resolved" }}over: {{ end }}{{ (index .Alerts 0).Annotations.summary -}}
{{ if gt (len .Alerts) 1 }} (and {{ len (slice .Alerts 1) }} more){{ end }}
{{- end }}
{{ define "energytrack.message" -}}
{{ range .Alerts -}}
{{ .Annotations.summary }}{{ if .Labels.line }} (line {{ .Labels.line }}){{ end }}
{{- if eq .Status "resolved" }}: over{{ end }}
{{ .Annotations.description }}
Look: {{ .Annotations.dashboard_url }}
{{ if .Annotations.device_url }}Act: {{ .Annotations.device_url }}
{{ end }}What to do: {{ .Annotations.runbook_url }}

{{ end }}
{{- end }}
"""
"""What mails and pages say."""


def rules(catalogue: Catalogue, earlier: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The content of a file of rules; what an earlier one had and the catalogue has no more is deleted from Grafana."""
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
        # Grafana keeps what a file no longer names.
        **({"deleteRules": [{"orgId": 1, "uid": uid} for uid in gone]} if gone else {}),
    }


def _uids(content: Mapping[str, Any]) -> set[str]:
    """All rules that a file of rules ever had."""
    had = {rule["uid"] for group in content.get("groups", ()) for rule in group["rules"]}
    return had | {rule["uid"] for rule in content.get("deleteRules", ())}


def contacts(catalogue: Catalogue, plant: Plant, people: Contacts) -> dict[str, Any]:
    """The content of a file that says who is told, and when."""
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


def _rule(alert: Alert, catalogue: Catalogue) -> dict[str, Any]:
    # Grafana brings queries together by all of their labels, the series' name among them: arithmetic takes that away.
    silenced = "".join(f" unless on ({on}) ({of} > 0)" for on, of in _silencers(alert, catalogue))
    queries = [_query("A", f"1 * {alert.signal}{silenced}")]
    queries += [_beside(name, expression, alert) for name, expression in _told(alert).items()]
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
        "noDataState": "OK",  # a signal that nobody records is no alarm; silence has a rule of its own
        "execErrState": "OK",  # and so has a Prometheus that does not answer
        "labels": {"severity": alert.severity, "team": alert.team},
        "annotations": annotations,
        "dashboardUid": f"energytrack-{alert.dashboard}",
        "panelId": 1,
    }


def _blind() -> dict[str, Any]:
    """The one rule that Prometheus cannot have: that Prometheus itself does not answer."""
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
            "summary": "Prometheus does not answer: all alerts are blind",
            "description": "Look at its log; a full disk is the most frequent reason.",
            "dashboard_url": _ours("d/energytrack-pipeline"),
            "runbook_url": _ours(f"{RUNBOOK}#service-down"),
        },
    }


def _silencers(alert: Alert, catalogue: Catalogue) -> list[tuple[str, str]]:
    """What makes this alert superfluous while it lasts: the label they share (none: wherever it is) and its signal.

    Grafana's own Alertmanager has no inhibition, so the rule leaves these out.
    """
    same = [(IDENTITY[other.subject][0], other.signal) for other in catalogue.alerts if alert.name in other.silences]
    anywhere = [("", other.signal) for other in catalogue.alerts if alert.name in other.silences_all]
    return same + anywhere


def _told(alert: Alert) -> dict[str, str]:
    """What the texts tell besides labels, each as a query with its name."""
    told = {}
    if alert.value is not None and alert.unit is not None:
        told["B"] = scaled(alert.value, alert.unit)
    if alert.factors:
        told |= reasons.grafana_queries()
    if alert.subject == "disk":
        told |= disk.GRAFANA_QUERIES
    return told


def _beside(name: str, expression: str, alert: Alert) -> dict[str, Any]:
    """A query for a text, which answers wherever the signal does.

    One query without an answer makes the whole rule `NoData` in Grafana, whatever its condition says: what is told of
    an alert would end it.
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


def _above_zero(of: str) -> dict[str, Any]:
    return {
        "refId": "C",
        "datasourceUid": "__expr__",
        "model": {
            "refId": "C",
            "type": "threshold",
            "expression": of,
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
    """A route of Alertmanager's as Grafana writes it."""
    converted = {key: value for key, value in route.items() if key not in {"matchers", "routes"}}
    if "matchers" in route:
        converted["object_matchers"] = [_matcher(matcher) for matcher in route["matchers"]]
    if "routes" in route:
        converted["routes"] = [_route(each) for each in route["routes"]]
    return converted


def _matcher(text: str) -> list[str]:
    found = re.fullmatch(r'(\w+)(=~|!~|!=|=)"(.*)"', text)
    if found is None:
        raise ValueError(f"not a matcher: {text}")
    return list(found.groups())


def _dashboard(alert: Alert) -> str:
    query = "?var-device={{ $labels.device_id }}" if alert.dashboard == "device" else ""
    return _ours(f"d/energytrack-{alert.dashboard}{query}")


def _ours(path: str) -> str:
    """An address below Grafana's own, which is the front door's."""
    return "{{ externalURL }}" + path


def _text(text: str, unit: Unit | None) -> str:
    if unit is not None:
        text = text.replace("{value}", "{{ with $values.B }}" + in_words(unit, ".Value") + "{{ end }}")
    return re.sub(r"(?<!{){(\w+)}(?!})", r"{{ $labels.\1 }}", text)
