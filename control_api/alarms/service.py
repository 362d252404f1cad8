"""Applies alerts and people's actions to stored alarms; concurrent changes are not lost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

import structlog

from control_api.alarms import rules
from control_api.alarms.rules import AlarmChange, Alert
from control_api.annotations import Annotations
from control_api.auth.identity import Actor
from control_api.http.problems import Problem
from energytrack.clock import Clock
from energytrack.messages import Insight
from energytrack.store.operations.alarms import OPEN_STATES, Alarm, AlarmFilter, Alarms, Verdict
from energytrack.store.operations.changes import ChangeCounters
from energytrack.store.telemetry.devices import Devices

log = structlog.get_logger(__name__)

ATTEMPTS: Final = 10
"""How often a change is retried when others change the same alarm."""
ONE_BY_ONE: Final = 10
"""Up to this many machines are read one by one; for more, the whole fleet is read once."""
FACTORS: Final = 3
"""How many of the model's top factors an alarm keeps."""

Factors = Mapping[str, tuple[str, ...]]
"""The model's top factors in words, by machine."""


class Action(Protocol):
    """A person's action on an alarm; None if the alarm's state does not allow it."""

    def __call__(self, alarm: Alarm, /, *, now: datetime, entry_id: str) -> AlarmChange | None: ...


@dataclass(frozen=True)
class AlarmService:
    alarms: Alarms
    changes: ChangeCounters
    devices: Devices
    annotations: Annotations
    clock: Clock
    new_id: Callable[[], str]

    def take(self, alerts: Sequence[Alert]) -> int:
        """Store what rules report; returns how many alarms changed."""
        latest = {rules.alarm_id(alert): alert for alert in alerts}
        alarms = self.alarms.by_ids(list(latest))
        factors = self.factors([alert.device_id for alert in latest.values() if alert.firing])
        changes = []
        for alarm_id, alert in latest.items():
            alarm = alarms.get(alarm_id)
            change = self._notified(alarm, alert, factors)
            if change is not None:
                changes.append((change.alarm, alarm, change.entry))
        if changes and not self.alarms.put_many(changes):
            return sum(self._take_one(alert, factors) for alert in latest.values())
        for after, _, entry in changes:
            self.annotations.alarm(after, entry)
        log.info("alarms", alerts=len(latest), changed=len(changes))
        return len(changes)

    def _take_one(self, alert: Alert, factors: Factors) -> bool:
        for _ in range(ATTEMPTS):
            alarm = self.alarms.get(rules.alarm_id(alert))
            change = self._notified(alarm, alert, factors)
            if change is None:
                return False
            if self.file(change, alarm):
                return True
        raise _changed_by_others()

    def _notified(self, alarm: Alarm | None, alert: Alert, factors: Factors) -> AlarmChange | None:
        return rules.notified(
            alarm,
            alert,
            now=self.clock.now(),
            factors=factors.get(alert.device_id or "", ()),
            entry_id=self.new_id(),
        )

    def acknowledge(self, alarm_id: str, by: Actor, *, comment: str) -> Alarm:
        return self._act(alarm_id, partial(rules.acknowledged, by=by, text=comment))

    def snooze(self, alarm_id: str, by: Actor, *, minutes: int, comment: str) -> Alarm:
        until = self.clock.now() + timedelta(minutes=minutes)
        return self._act(alarm_id, partial(rules.snoozed, by=by, until=until, text=comment))

    def comment(self, alarm_id: str, by: Actor, *, comment: str) -> Alarm:
        return self._act(alarm_id, partial(rules.commented, by=by, text=comment))

    def assign(self, alarm_id: str, by: Actor, *, assignee: str, comment: str) -> Alarm:
        return self._act(alarm_id, partial(rules.assigned, by=by, assignee=assignee, text=comment))

    def judge(self, alarm_id: str, by: Actor, *, verdict: Verdict, finding: str) -> Alarm:
        return self._act(alarm_id, partial(rules.judged, by=by, verdict=verdict, finding=finding))

    def _act(self, alarm_id: str, action: Action) -> Alarm:
        for _ in range(ATTEMPTS):
            alarm = self.alarms.get(alarm_id)
            if alarm is None:
                raise Problem("unknown_alarm", f"There is no alarm {alarm_id}.")
            change = action(alarm, now=self.clock.now(), entry_id=self.new_id())
            if change is None:
                raise Problem(
                    "alarm_over", f"The alarm is {alarm.state}, so this does not apply.", {"state": alarm.state}
                )
            if self.file(change, alarm):
                return change.alarm
        raise _changed_by_others()

    def acknowledge_device(self, device_id: str, rule: str | None, by: Actor, *, comment: str) -> list[Alarm]:
        """Acknowledge a machine's open alarms, of one rule or of all; those acknowledged before stay as they are."""
        alarms = self.alarms.find(AlarmFilter(states=OPEN_STATES, device_id=device_id, rule=rule))
        if not alarms:
            of_rule = "" if rule is None else f" by the rule {rule!r}"
            raise Problem("unknown_alarm", f"{device_id} has no open alarm{of_rule}.")
        return [self._acknowledged(alarm, by, comment) for alarm in alarms]

    def _acknowledged(self, alarm: Alarm, by: Actor, comment: str) -> Alarm:
        try:
            return self.acknowledge(alarm.alarm_id, by, comment=comment)
        except Problem as problem:
            if problem.code != "alarm_over":
                raise
            return self.alarms.get(alarm.alarm_id) or alarm

    def reactivate_snoozed(self) -> None:
        """Reactivate the snoozed alarms whose time has come."""
        for alarm in self.alarms.find(AlarmFilter(states=("snoozed",))):
            change = rules.woken(alarm, now=self.clock.now(), entry_id=self.new_id())
            if change is not None and self.file(change, alarm):
                self.changes.record("alarms")

    def file(self, change: AlarmChange, before: Alarm | None) -> bool:
        """Write a change; False, with nothing written, if another change was first."""
        put = self.alarms.put(change.alarm, before=before, entry=change.entry)
        if put:
            self.annotations.alarm(change.alarm, change.entry)
        return put

    def factors(self, device_ids: Sequence[str | None]) -> Factors:
        """The model's current reasons by machine; machines without any are left out."""
        wanted = {device_id for device_id in device_ids if device_id is not None}
        if len(wanted) > ONE_BY_ONE:
            machines = [latest for latest in self.devices.all() if latest.device_id in wanted]
        else:
            machines = [latest for device_id in wanted if (latest := self.devices.get(device_id)) is not None]
        return {latest.device_id: reasons_in_words(latest.insight) for latest in machines if latest.insight is not None}


def reasons_in_words(insight: Insight) -> tuple[str, ...]:
    """What the machine's state resembles, if known, then what raises its risk most."""
    factors = (factor.words for factor in insight.top_factors)
    reasons = (insight.likeness.rstrip("."), *factors) if insight.likeness else tuple(factors)
    return reasons[:FACTORS]


def _changed_by_others() -> Problem:
    return Problem("alarm_changed", "Others changed this alarm at the same time; try again.")
