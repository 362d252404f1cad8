"""Accepts the recommendation to shut an idle machine down after work: its schedules, and the measure that proves it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from control_api.auth.identity import Actor
from control_api.baselines.service import BaselineService
from control_api.bulk.rules import Selection
from control_api.devices.rules import Machine
from control_api.devices.service import DeviceService
from control_api.http.problems import Problem
from control_api.measures.rules import BASELINE_DAYS, SHUTDOWN, first_whole_day
from control_api.measures.service import MeasureService
from control_api.schedules.rules import Proposal, is_before_end_of_work, proposal, working_days
from control_api.schedules.service import ScheduleService
from energytrack.baselines.reading import Boundary
from energytrack.baselines.variables import OFF_SHIFT_HOURS
from energytrack.ledger.local_days import ONE_DAY
from energytrack.plant import Plant
from energytrack.store.energy.baselines import Baseline
from energytrack.store.energy.measures import Measure
from energytrack.store.operations.schedules import Schedule

log = structlog.get_logger(__name__)

IDLE_MINUTES: Final = 10.0
ADVICE: Final = "High idle energy usage: Consider scheduled shutdown."
SCHEDULE_GONE: Final = "Its schedule is gone; accepted again."


@dataclass(frozen=True)
class ShutdownAcceptance:
    measures: MeasureService
    devices: DeviceService

    def accept(
        self, device_id: str, *, by: Actor, reason: str | None, at: str | None = None, until: str | None = None
    ) -> Measure:
        """Make the schedule that answers the recommendation, and open its measure; raises Problem.

        `until` makes a second one, which restarts the machine at that time of the line's next working day.

        Where too little is known of the machine for a baseline, the schedule is made all the same, and nothing can be
        proved until somebody names one.

        The measure is stored before its schedules, and the shutdown last. If the database fails in between, the measure
        says that its schedule is gone, and accepting it again ends that measure and begins from the start.
        """
        machine = self.devices.require(device_id)
        left = self._left_by_an_attempt(device_id)
        line, proposed = self._proposal(machine)
        at = at or proposed.at
        if until is not None:
            self._check_restart(at, until, line)
        why = reason or ADVICE
        if left is None or left.baseline_id is None:
            baseline = self._baseline_of(device_id, by=by)
        else:
            baseline = self._baselines.require(left.baseline_id)
        if left is not None:
            self.measures.end(left.measure_id, by=by, note=SCHEDULE_GONE, undo=True)
        name = f"{device_id} off after work"
        shutdown = self._schedules.draft(
            by,
            name=name,
            action="shutdown",
            selection=Selection(device_ids=(device_id,), idle_minutes=IDLE_MINUTES),
            days=proposed.days,
            at=at,
            reason=why,
            override=False,
        )
        restart = None if until is None else self._restart_of(device_id, line, until, by=by, reason=why)
        idle = None if baseline is None else baseline.idle_kwh_per_day
        price = None if baseline is None else baseline.price_per_kwh
        measure = self.measures.open(
            name=name,
            baseline=baseline,
            by=by,
            note=why,
            start=first_whole_day(self._schedules.next_run(shutdown), self._baselines.clock.now(), self._plant.zone),
            device_id=device_id,
            recommendation=SHUTDOWN,
            schedule_id=shutdown.schedule_id,
            restart_schedule_id=None if restart is None else restart.schedule_id,
            expected_kwh_per_day=idle,
            expected_cost_per_day=None if idle is None or price is None else idle * price,
        )
        if restart is not None:
            self._schedules.schedules.add(restart)
        self._schedules.schedules.add(shutdown)
        return measure

    @property
    def _baselines(self) -> BaselineService:
        return self.measures.baselines

    @property
    def _schedules(self) -> ScheduleService:
        return self.measures.schedules

    @property
    def _plant(self) -> Plant:
        return self._baselines.plant

    def _proposal(self, machine: Machine) -> tuple[str, Proposal]:
        """The machine's line, and the shutdown that fits it."""
        line = machine.line
        proposed = None if line is None else proposal(line, self._plant)
        if line is None or proposed is None:
            raise Problem(
                "no_proposal",
                f"There is no shutdown to propose for {machine.device_id}: its line is unknown, or works around the "
                "clock.",
            )
        return line, proposed

    def _left_by_an_attempt(self, device_id: str) -> Measure | None:
        """The open measure whose shutdown is gone or was never stored; raises Problem if one is complete."""
        already = self._baselines.store.measures.open_for(device_id, SHUTDOWN)
        if already is None:
            return None
        if already.schedule_id is not None and self._schedules.schedules.get(already.schedule_id) is None:
            return already
        raise Problem(
            "measure_open", f"{already.name} is open since {already.start}.", {"measure_id": already.measure_id}
        )

    def _baseline_of(self, device_id: str, *, by: Actor) -> Baseline | None:
        last = self._baselines.today() - ONE_DAY
        try:
            return self._baselines.make(
                Boundary("off_shift", device_id=device_id),
                last - timedelta(days=BASELINE_DAYS - 1),
                last,
                by=by,
                note="Made when a scheduled shutdown was accepted.",
                variables=(OFF_SHIFT_HOURS,),
            )
        except Problem as problem:
            if problem.code != "too_few_days":
                raise
            log.info("a measure has no baseline", device_id=device_id, why=problem.detail)
            return None

    def _check_restart(self, at: str, until: str, line: str) -> None:
        if until == at:
            raise Problem(
                "invalid_request", f"until ({until}) must differ from at: otherwise the machine would never be off."
            )
        if not is_before_end_of_work(until, line, self._plant):
            raise Problem(
                "invalid_request",
                f"until ({until}) is after the day's work on {line}: the machine would run for nothing. "
                "Give a time before the last shift of the day ends.",
            )

    def _restart_of(self, device_id: str, line: str, until: str, *, by: Actor, reason: str) -> Schedule:
        return self._schedules.draft(
            by,
            name=f"{device_id} on again before work",
            action="restart",
            selection=Selection(device_ids=(device_id,)),
            days=working_days(line, self._plant),
            at=until,
            reason=reason,
            override=False,
        )
