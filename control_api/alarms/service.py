"""The alarm desk: what rules say and people do, on the alarms on file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from control_api.alarms import rules
from control_api.alarms.rules import AlarmChange, Alert
from control_api.alarms.webhooks import NotificationRequest, alerts
from control_api.annotations import Annotations
from control_api.auth.identity import Actor
from control_api.http.problems import Problem
from energytrack.clock import Clock
from energytrack.store.operations.alarms import Alarm, AlarmFilter, Alarms
from energytrack.store.operations.changes import ChangeCounters
from energytrack.store.telemetry.devices import Devices

log = structlog.get_logger(__name__)

ATTEMPTS: Final = 10
"""Changes at once to one alarm are tried again this often."""
ONE_BY_ONE: Final = 10
"""Up to so many machines are read each for itself, more by one look at all."""
FACTORS: Final = 3
"""Of the model's factors, those that an alarm keeps."""

OPEN: Final = ("active", "acknowledged", "snoozed")

Change = Callable[[Alarm], AlarmChange | None]
Factors = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class AlarmService:
    """Carries out steps on the alarms on file, so that of two at once none is lost."""

    alarms: Alarms
    changes: ChangeCounters
    devices: Devices
    annotations: Annotations
    clock: Clock
    new_id: Callable[[], str]

    def take(self, asked: NotificationRequest) -> int:
        """File what a notification says; returns how many alarms it changed."""
        if asked.truncatedAlerts:
            log.warning("a notification was cut short by its sender", missing=asked.truncatedAlerts)
        told = {rules.alarm_id(notice): notice for notice in alerts(asked)}
        alarms = self.alarms.many(list(told))
        factors = self._factors([notice.device_id for notice in told.values() if notice.firing])
        changes = []
        for alarm_id, notice in told.items():
            known = alarms.get(alarm_id)
            step = self._step(known, notice, factors)
            if step is not None:
                changes.append((step.alarm, known, step.entry))
        if changes and not self.alarms.put_many(changes):
            return sum(self._notify(notice, factors) for notice in told.values())
        for alarm, _, entry in changes:
            self.annotations.alarm(alarm, entry)
        log.info("alarms", alerts=len(told), changed=len(changes))
        return len(changes)

    def _notify(self, notice: Alert, factors: Factors) -> bool:
        for _ in range(ATTEMPTS):
            alarm = self.alarms.get(rules.alarm_id(notice))
            step = self._step(alarm, notice, factors)
            if step is None:
                return False
            if self._put(step, alarm):
                return True
        raise Problem("alarm_changed", "Too many changed this alarm at once; try again.")

    def _step(self, alarm: Alarm | None, notice: Alert, factors: Factors) -> AlarmChange | None:
        why = factors.get(notice.device_id or "", ())
        return rules.notified(alarm, notice, now=self.clock.now(), factors=why, entry_id=self.new_id())

    def change(self, alarm_id: str, change: Change) -> Alarm:
        """Carry out a person's step."""
        for _ in range(ATTEMPTS):
            alarm = self.alarms.get(alarm_id)
            if alarm is None:
                raise Problem("unknown_alarm", f"There is no alarm {alarm_id}.")
            step = change(alarm)
            if step is None:
                raise Problem(
                    "alarm_over", f"The alarm is {alarm.state}, so this does not apply.", {"state": alarm.state}
                )
            if self._put(step, alarm):
                return step.alarm
        raise Problem("alarm_changed", "Too many changed this alarm at once; try again.")

    def acknowledge(self, device_id: str, rule: str | None, by: Actor, text: str) -> list[Alarm]:
        """Acknowledge what is open of a machine, of one rule or of all; what was acknowledged before stays as it is."""
        found = self.alarms.find(AlarmFilter(states=OPEN, device_id=device_id, rule=rule))
        if not found:
            of_rule = "" if rule is None else f" by the rule {rule!r}"
            raise Problem("unknown_alarm", f"No alarm of {device_id}{of_rule} is open.")
        return [self._acknowledged(alarm, by, text) for alarm in found]

    def _acknowledged(self, alarm: Alarm, by: Actor, text: str) -> Alarm:
        try:
            return self.change(
                alarm.alarm_id,
                lambda current: rules.acknowledged(
                    current, by, now=self.clock.now(), text=text, entry_id=self.new_id()
                ),
            )
        except Problem as problem:
            if problem.code != "alarm_over":
                raise
            return self.alarms.get(alarm.alarm_id) or alarm

    def wake(self) -> None:
        """Bring back the snoozed alarms whose time has come."""
        for alarm in self.alarms.find(AlarmFilter(states=("snoozed",))):
            step = rules.woken(alarm, now=self.clock.now(), entry_id=self.new_id())
            if step is not None and self._put(step, alarm):
                self.changes.record("alarms")

    def _put(self, step: AlarmChange, before: Alarm | None) -> bool:
        put = self.alarms.put(step.alarm, before=before, entry=step.entry)
        if put:
            self.annotations.alarm(step.alarm, step.entry)
        return put

    def _factors(self, device_ids: Sequence[str | None]) -> Factors:
        """Why the model finds machines likely to fail, in words, by machine."""
        wanted = {device_id for device_id in device_ids if device_id is not None}
        if len(wanted) > ONE_BY_ONE:
            known = [latest for latest in self.devices.all() if latest.device_id in wanted]
        else:
            known = [latest for device_id in wanted if (latest := self.devices.get(device_id)) is not None]
        return {
            latest.device_id: tuple(factor.text or factor.feature for factor in latest.insight.top_factors[:FACTORS])
            for latest in known
            if latest.insight is not None
        }
