"""Compares the alarms on file with what fires: what nobody confirms ends, what nobody told of opens."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from msgspec.structs import replace

from control_api.alarms import rules
from control_api.alarms.firing import Firing, PrometheusAway, PrometheusRules
from control_api.alarms.rules import AlarmChange, Alert
from control_api.alarms.service import OPEN, AlarmService
from energytrack.store.operations.alarms import SEVERITIES, Alarm, AlarmFilter

log = structlog.get_logger(__name__)

UNHEARD: Final = timedelta(hours=3)
"""Senders repeat what fires every hour: without Prometheus' word, three hours of silence are an end."""
UNTOLD: Final = timedelta(minutes=2)
"""A sender has so long to tell of what fires before it is opened without it."""


@dataclass
class Reconciliation:
    """Asks Prometheus, where there is one to ask, and brings the list up to date."""

    service: AlarmService
    prometheus: PrometheusRules | None
    unconfirmed: timedelta
    """After so long without a word that it fires, an alarm is over."""
    _away: bool = False

    def run(self) -> None:
        """Compare once; while Prometheus is away, what it would know of stays as it is."""
        firing = self._ask()
        service = self.service
        now = service.clock.now()
        alarms = service.alarms.find(AlarmFilter(states=OPEN))
        changed = 0
        for alarm in alarms:
            change = compared(alarm, firing, now=now, unconfirmed=self.unconfirmed, new_id=service.new_id)
            if change is not None and service.file(change, alarm) and change.entry is not None:
                log.info("an alarm ended unconfirmed", rule=alarm.rule, device_id=alarm.device_id)
                changed += 1
        if firing is not None and (missed := list(untold(alarms, firing, now=now))):
            log.warning("alarms that nobody told of", alarms=[f"{each.rule} {each.subject}" for each in missed])
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
                log.warning("alarms are not compared with what fires", error=str(error))
            self._away = True
            return None
        if self._away:
            log.info("alarms are compared with what fires again")
        self._away = False
        return firing


def compared(
    alarm: Alarm, firing: Firing | None, *, now: datetime, unconfirmed: timedelta, new_id: Callable[[], str]
) -> AlarmChange | None:
    """What becomes of an open alarm; None where nothing changes."""
    if firing is None or alarm.rule not in firing.rules:
        if now - rules.last_known(alarm) < UNHEARD:
            return None
        because = f"nobody has said for {UNHEARD.total_seconds() / 3600:.0f} h that it fires"
        return rules.cleared(alarm, now=now, entry_id=new_id(), because=because)
    return _asked(alarm, firing, now=now, unconfirmed=unconfirmed, new_id=new_id)


def _asked(
    alarm: Alarm, firing: Firing, *, now: datetime, unconfirmed: timedelta, new_id: Callable[[], str]
) -> AlarmChange | None:
    """The same, where Prometheus has the rule."""
    if (alert := firing.alerts.get(alarm.alarm_id)) is not None:
        return rules.confirmed(alarm, alert, now=now, entry_id=new_id())
    if alarm.alarm_id in firing.pending:
        return None
    others = {name: said for name, said in alarm.senders.items() if name != "prometheus"}
    if not others or now - rules.last_known(alarm) >= unconfirmed:
        because = "Prometheus no longer sees it, and nobody else says that it fires"
        return rules.cleared(alarm, now=now, entry_id=new_id(), because=because)
    if alarm.unseen_since is None:
        return AlarmChange(replace(alarm, unseen_since=now, version=alarm.version + 1), None)
    return None


def untold(alarms: Sequence[Alarm], firing: Firing, *, now: datetime) -> Iterator[Alert]:
    """What has fired for a while without an open alarm, and without one that says it better.

    What another alert makes superfluous is told by nobody on purpose: an alarm of the same machine, or of the plant,
    that weighs as much stands for it.
    """
    open_ids = {alarm.alarm_id for alarm in alarms}
    heaviest: dict[str | None, int] = {}
    for alarm in alarms:
        weight = _weight(alarm)
        heaviest[alarm.device_id] = max(weight, heaviest.get(alarm.device_id, 0))
    for alarm_id, alert in firing.alerts.items():
        stands_for_it = max(heaviest.get(alert.device_id, 0), heaviest.get(None, 0))
        if alarm_id not in open_ids and now - alert.started_at >= UNTOLD and stands_for_it < _weight(alert):
            yield alert


def _weight(of: Alarm | Alert) -> int:
    return len(SEVERITIES) - SEVERITIES.index(of.severity)
