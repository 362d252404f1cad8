"""Stores schedules and runs them, each run exactly once, however many replicas there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import structlog
from msgspec.structs import asdict

from control_api.auth.identity import Actor
from control_api.bulk.rules import Selection
from control_api.bulk.service import BulkService
from control_api.http.problems import Problem
from control_api.schedules.rules import is_due, last_due, next_due, selection_of
from energytrack.clock import Clock
from energytrack.contract.calendar import DayKind
from energytrack.errors import EnergyTrackError
from energytrack.fields import Action
from energytrack.plant import Plant
from energytrack.store.operations.changes import ChangeCounters
from energytrack.store.operations.schedules import Schedule, ScheduleChange, Schedules, ScheduleState

log = structlog.get_logger(__name__)

DEEDS: Final[dict[ScheduleState, Literal["paused", "resumed", "deleted"]]] = {
    "paused": "paused", "active": "resumed", "deleted": "deleted",
}  # fmt: skip


@dataclass
class ScheduleService:
    schedules: Schedules
    changes: ChangeCounters
    bulk: BulkService
    clock: Clock
    plant: Plant
    new_id: Callable[[], str]

    def draft(
        self,
        by: Actor,
        *,
        name: str,
        action: Action,
        selection: Selection,
        days: tuple[DayKind, ...],
        at: str,
        reason: str,
        override: bool,
    ) -> Schedule:
        """A new schedule, active once it is stored in `schedules`."""
        return Schedule(
            schedule_id=self.new_id(),
            name=name,
            action=action,
            days=days,
            at=at,
            reason=reason,
            override=override,
            log=(self._deed("created", by),),
            **asdict(selection),
        )

    def change(self, schedule_id: str, state: ScheduleState, by: Actor) -> Schedule:
        """Pause, resume or delete a schedule."""
        schedule = self.schedules.get(schedule_id)
        if schedule is None or schedule.state == "deleted":
            raise Problem("unknown_schedule", f"There is no schedule {schedule_id}.")
        return self.schedules.put_state(schedule_id, state, self._deed(DEEDS[state], by)) or schedule

    def next_run(self, schedule: Schedule) -> datetime | None:
        """When a schedule runs next; None while it is paused."""
        if schedule.state != "active":
            return None
        zone, kind_of = self.plant.zone, self.plant.calendar.kind
        return next_due(schedule.days, schedule.at, now=self.clock.now(), zone=zone, kind_of=kind_of)

    def run_due(self) -> None:
        """Start every run that is due now, unless another replica has claimed it."""
        now, zone, kind_of = self.clock.now(), self.plant.zone, self.plant.calendar.kind
        for schedule in self.schedules.all():
            if is_due(schedule, now=now, zone=zone, kind_of=kind_of):
                self.run(schedule.schedule_id)

    def run(self, schedule_id: str) -> None:
        """Start a schedule's last run, unless it was claimed before."""
        schedule = self.schedules.get(schedule_id)
        if schedule is None or schedule.state != "active":
            return
        now = self.clock.now()
        zone, kind_of = self.plant.zone, self.plant.calendar.kind
        due = last_due(schedule.days, schedule.at, now=now, zone=zone, kind_of=kind_of)
        if due is None or not self.schedules.claim(schedule_id, f"{due} {schedule.at}", now):
            return
        try:
            sentence, batch_id = self._order(schedule)
        except EnergyTrackError as error:
            log.warning("a schedule's run failed", schedule=schedule.name, error=str(error))
            sentence, batch_id = f"Nothing was ordered: {error}", None
        log.info("schedule ran", schedule=schedule.name, outcome=sentence)
        self.schedules.ran(schedule_id, at=now, sentence=sentence, batch_id=batch_id)
        self.changes.record("schedules")

    def _order(self, schedule: Schedule) -> tuple[str, str | None]:
        planned = self.bulk.plan(schedule.action, selection_of(schedule), override=schedule.override)
        made = schedule.log[0]
        by = Actor(f"schedule:{schedule.schedule_id} of {made.by}", made.role, "")
        batch_id, _ = self.bulk.order(planned, by=by, reason=schedule.reason, override=schedule.override)
        return planned.sentence(), batch_id

    def _deed(self, deed: Literal["created", "paused", "resumed", "deleted"], by: Actor) -> ScheduleChange:
        return ScheduleChange(self.clock.now(), deed, by.subject, by.role, by.address)
