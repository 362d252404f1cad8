"""What Prometheus' rules currently report, read from its API for the reconciliation of alarms."""

from datetime import datetime
from typing import Final, Literal

import httpx
import msgspec
from msgspec import Struct

from control_api.alarms.rules import Alert, alarm_id
from control_api.alarms.webhooks import NOT_ENDED, AlertPayload, parsed
from energytrack.errors import EnergyTrackError

ANSWER_SECONDS: Final = 5.0


class PrometheusAway(EnergyTrackError):
    """Prometheus did not answer which alerts are firing."""


class ActiveAlert(Struct, frozen=True, rename="camel"):
    """An alert of a rule (seen on 2.42 and 3.5)."""

    labels: dict[str, str]
    annotations: dict[str, str]
    state: Literal["pending", "firing", "inactive"]
    active_at: datetime


class AlertingRule(Struct, frozen=True, rename="camel"):
    """A rule with its current alerts."""

    name: str
    last_evaluation: datetime
    health: str
    alerts: list[ActiveAlert] = []


class RuleGroup(Struct, frozen=True):
    rules: list[AlertingRule]


class Groups(Struct, frozen=True):
    groups: list[RuleGroup]


class RulesAnswer(Struct, frozen=True):
    """The answer of /api/v1/rules?type=alert."""

    data: Groups


class Firing(Struct, frozen=True):
    """The alerts of all rules."""

    rules: frozenset[str]
    """Rules that have been evaluated; the alerts of other rules are unknown."""
    alerts: dict[str, Alert]
    """Firing alerts, by the alarm's id."""
    pending: frozenset[str]
    """Ids of pending alerts: after a restart of Prometheus, alerts that fired before are pending for a while."""


class PrometheusRules:
    """Asks Prometheus; `auth` is a user and a password."""

    def __init__(
        self, url: str, *, auth: tuple[str, str] | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._client = httpx.Client(
            base_url=url, auth=auth, timeout=ANSWER_SECONDS, trust_env=False, transport=transport
        )

    def close(self) -> None:
        self._client.close()

    def firing(self) -> Firing:
        """Raises PrometheusAway."""
        try:
            response = self._client.get("/api/v1/rules", params={"type": "alert"}).raise_for_status()
            return read(response.content)
        except (httpx.HTTPError, msgspec.MsgspecError, ValueError) as error:
            raise PrometheusAway(f"Prometheus does not report its alerts: {error or type(error).__name__}") from error


def read(content: bytes) -> Firing:
    rules = [
        rule
        for group in msgspec.json.decode(content, type=RulesAnswer).data.groups
        for rule in group.rules
        if rule.health == "ok" and rule.last_evaluation.year > NOT_ENDED
    ]
    seen = [(_alert(alert), alert.state) for rule in rules for alert in rule.alerts]
    return Firing(
        rules=frozenset(rule.name for rule in rules),
        alerts={alarm_id(alert): alert for alert, state in seen if state == "firing"},
        pending=frozenset(alarm_id(alert) for alert, state in seen if state == "pending"),
    )


def _alert(alert: ActiveAlert) -> Alert:
    payload = AlertPayload(
        status="firing", labels=alert.labels, annotations=alert.annotations, startsAt=alert.active_at
    )
    return parsed(payload, "prometheus")
