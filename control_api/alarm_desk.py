"""The alarm desk: what rules say and people do, on the alarms on file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from control_api import alarm_steps
from control_api.alarm_steps import Step
from control_api.problems import Problem
from control_api.webhooks import AlertsAsked, notices
from energytrack.clock import Clock
from energytrack.store.alarms import Alarm, AlarmFilter, Alarms
from energytrack.store.devices import Devices

log = structlog.get_logger(__name__)

ATTEMPTS: Final = 10
"""Changes at once to one alarm are tried again this often."""
FACTORS: Final = 3
"""Of the model's factors, those that an alarm keeps."""

Change = Callable[[Alarm], Step | None]


@dataclass(frozen=True)
class AlarmDesk:
    """Carries out steps on the alarms on file, so that of two at once none is lost."""

    alarms: Alarms
    devices: Devices
    clock: Clock
    new_id: Callable[[], str]

    def take(self, asked: AlertsAsked) -> int:
        """File what a notification says; returns how many alarms it changed."""
        if asked.truncatedAlerts:
            log.warning("a notification was cut short by its sender", missing=asked.truncatedAlerts)
        return sum(self._notify(notice) for notice in notices(asked))

    def _notify(self, notice: alarm_steps.Notice) -> bool:
        for _ in range(ATTEMPTS):
            alarm = self.alarms.get(alarm_steps.alarm_id(notice))
            opening = notice.firing and (alarm is None or alarm.state == "cleared")
            factors = self._factors(notice.device_id) if opening else ()
            step = alarm_steps.notified(alarm, notice, now=self.clock.now(), factors=factors, entry_id=self.new_id())
            if step is None:
                return False
            if self.alarms.put(step.alarm, before=alarm, entry=step.entry):
                if step.entry is not None:
                    log.info("alarm", deed=step.entry.deed, rule=notice.rule, device_id=notice.device_id)
                return True
        raise Problem("alarm_changed", "Too many changed this alarm at once; try again.")

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
            if self.alarms.put(step.alarm, before=alarm, entry=step.entry):
                return step.alarm
        raise Problem("alarm_changed", "Too many changed this alarm at once; try again.")

    def wake(self) -> None:
        """Bring back the snoozed alarms whose time has come."""
        for alarm in self.alarms.find(AlarmFilter(states=("snoozed",))):
            step = alarm_steps.woken(alarm, now=self.clock.now(), entry_id=self.new_id())
            if step is not None:
                self.alarms.put(step.alarm, before=alarm, entry=step.entry)

    def _factors(self, device_id: str | None) -> tuple[str, ...]:
        latest = None if device_id is None else self.devices.get(device_id)
        if latest is None or latest.insight is None:
            return ()
        return tuple(factor.text or factor.feature for factor in latest.insight.top_factors[:FACTORS])
