"""Reconciles stored alarms with firing alerts: ends unconfirmed alarms, and opens alarms that were not reported."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from msgspec.structs import replace

from control_api.alarms import rules
from control_api.alarms.firing import Firing, PrometheusAway, PrometheusRules
from control_api.alarms.rules import AlarmChange, Alert
from control_api.alarms.service import AlarmService, Factors
from energytrack.store.operations.alarms import OPEN_STATES, SEVERITIES, Alarm, AlarmFilter

log = structlog.get_logger(__name__)

UNCONFIRMED: Final = timedelta(hours=3)
"""Senders repeat firing alerts every hour; without Prometheus, three hours without a repetition end an alarm."""
REPORT_GRACE: Final = timedelta(minutes=2)
"""A sender has this long to report a firing alert before it is opened without a report."""


@dataclass
class Reconciliation:
    """Queries Prometheus, if there is one, and updates the alarms."""

    service: AlarmService
    prometheus: PrometheusRules | None
    unconfirmed: timedelta
    """An alarm that has not been confirmed for this long ends."""
    _away: bool = False

    def run(self) -> None:
        """Reconcile once; while Prometheus is unavailable, the alarms that it could confirm stay unchanged."""
        firing = self._ask()
        service = self.service
        now = service.clock.now()
        alarms = service.alarms.find(AlarmFilter(states=OPEN_STATES))
        factors = service.factors(awaiting_reasons(alarms, firing, now=now))
        changed = 0
        for alarm in alarms:
            change = compared(alarm, firing, factors, now=now, unconfirmed=self.unconfirmed, new_id=service.new_id)
            if change is None or not service.file(change, alarm):
                continue
            if change.alarm.state == "cleared":
                log.info("an alarm ended unconfirmed", rule=alarm.rule, device_id=alarm.device_id)
            changed += change.entry is not None or change.alarm.factors != alarm.factors
        if firing is not None and (missed := list(unreported(alarms, firing, now=now))):
            log.warning(
                "alarms opened that no sender reported", alarms=[f"{each.rule} {each.subject}" for each in missed]
            )
            changed += service.take(missed)
        if changed:
            service.changes.record("alarms")

    def _ask(self) -> Firing | None:
        if self.prometheus is None:
            return None
        try:
            firing = self.prometheus.firing()
        except PrometheusAway as error:
            if not self._away:
                log.warning("reconciliation of alarms is paused", error=str(error))
            self._away = True
            return None
        if self._away:
            log.info("reconciliation of alarms continues")
        self._away = False
        return firing


def awaiting_reasons(alarms: Sequence[Alarm], firing: Firing | None, *, now: datetime) -> list[str | None]:
    """The machines whose alarms still need the model's reasons."""
    alerts = {} if firing is None else firing.alerts
    return [
        alarm.device_id
        for alarm in alarms
        if (alarm.alarm_id in alerts or _knows_nothing_of(alarm, firing))
        and rules.asks_for_reasons(alarm, alerts.get(alarm.alarm_id), now=now)
    ]


def _knows_nothing_of(alarm: Alarm, firing: Firing | None) -> bool:
    """Whether only the alarm's sender can say if it fires: Prometheus is away, or does not evaluate its rule."""
    return firing is None or alarm.rule not in firing.rules


def compared(
    alarm: Alarm,
    firing: Firing | None,
    factors: Factors,
    *,
    now: datetime,
    unconfirmed: timedelta,
    new_id: Callable[[], str],
) -> AlarmChange | None:
    """The change of an open alarm; None if there is none."""
    if firing is None or alarm.rule not in firing.rules:
        if now - rules.last_known(alarm) < UNCONFIRMED:
            return rules.explained(alarm, now=now, factors=factors.get(alarm.device_id or "", ()))
        because = f"no sender has confirmed it for {UNCONFIRMED.total_seconds() / 3600:.0f} h"
        return rules.cleared(alarm, now=now, entry_id=new_id(), because=because)
    return _compared_with_rule(alarm, firing, factors, now=now, unconfirmed=unconfirmed, new_id=new_id)


def _compared_with_rule(
    alarm: Alarm, firing: Firing, factors: Factors, *, now: datetime, unconfirmed: timedelta, new_id: Callable[[], str]
) -> AlarmChange | None:
    """Compare an alarm with Prometheus, which evaluates its rule."""
    if (alert := firing.alerts.get(alarm.alarm_id)) is not None:
        reasons = factors.get(alarm.device_id or "", ())
        return rules.confirmed(alarm, alert, now=now, factors=reasons, entry_id=new_id())
    if alarm.alarm_id in firing.pending:
        return None
    others = {name: report for name, report in alarm.senders.items() if name != "prometheus"}
    if not others or now - rules.last_known(alarm) >= unconfirmed:
        because = "Prometheus no longer reports it, and no other sender does"
        return rules.cleared(alarm, now=now, entry_id=new_id(), because=because)
    if alarm.unseen_since is None:
        return AlarmChange(replace(alarm, unseen_since=now, version=alarm.version + 1), None)
    return None


def unreported(alarms: Sequence[Alarm], firing: Firing, *, now: datetime) -> Iterator[Alert]:
    """Alerts that have been firing for a while without an open alarm that covers them.

    Senders do not report alerts that another one suppresses: an open alarm of the same machine, or of the plant, with
    the same or a higher severity covers them.
    """
    open_ids = {alarm.alarm_id for alarm in alarms}
    heaviest: dict[str | None, int] = {}
    for alarm in alarms:
        weight = _weight(alarm)
        heaviest[alarm.device_id] = max(weight, heaviest.get(alarm.device_id, 0))
    for alarm_id, alert in firing.alerts.items():
        stands_for_it = max(heaviest.get(alert.device_id, 0), heaviest.get(None, 0))
        if alarm_id not in open_ids and now - alert.started_at >= REPORT_GRACE and stands_for_it < _weight(alert):
            yield alert


def _weight(alert: Alarm | Alert) -> int:
    return len(SEVERITIES) - SEVERITIES.index(alert.severity)
