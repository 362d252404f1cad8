"""The current cases, and actions on all alarms of a case at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from control_api.alarms.cases import Case, cases
from control_api.alarms.service import OPEN, AlarmService
from control_api.auth.identity import Actor
from control_api.http.problems import Problem
from energytrack.store.operations.alarms import Alarm, AlarmFilter, LogEntry, Verdict

BEFORE: Final = timedelta(hours=24)
"""Alarms that ended within this time before it belong to the case."""
REMARKS: Final = 100


@dataclass(frozen=True)
class CaseService:
    alarms: AlarmService

    def all(self) -> list[Case]:
        """Every open case: the most severe first, then the oldest."""
        filed = self.alarms.alarms
        since = self.alarms.clock.now() - BEFORE
        ended = filed.find(AlarmFilter(states=("cleared",), changed_since=since))
        return cases(filed.find(AlarmFilter(states=OPEN)), ended)

    def get(self, case_id: str) -> Case:
        """One case; raises Problem if there is no such open case."""
        for case in self.all():
            if case.case_id == case_id:
                return case
        raise Problem("unknown_alarm", f"{case_id} has no open alarm.")

    def remarks(self, case: Case) -> Sequence[LogEntry]:
        """Comments on it, newest first."""
        return self.alarms.alarms.remarks([alarm.alarm_id for alarm in _all_of(case)], limit=REMARKS)

    def acknowledge(self, case_id: str, by: Actor, *, comment: str) -> Case:
        """Acknowledge all open alarms; those acknowledged before stay as they are."""
        waiting = [alarm for alarm in self.get(case_id).alarms if alarm.state != "acknowledged"]
        for number, alarm in enumerate(waiting):
            text = "" if number else comment
            _unless_over(partial(self.alarms.acknowledge, alarm.alarm_id, by, comment=text))
        return self.get(case_id)

    def assign(self, case_id: str, by: Actor, *, assignee: str, comment: str) -> Case:
        """Assign all open alarms; the comment is stored once, with the most severe alarm."""
        for number, alarm in enumerate(self.get(case_id).alarms):
            self.alarms.assign(alarm.alarm_id, by, assignee=assignee, comment="" if number else comment)
        return self.get(case_id)

    def comment(self, case_id: str, by: Actor, *, comment: str) -> Case:
        """The comment is stored once, with the most severe alarm."""
        case = self.get(case_id)
        self.alarms.comment(case.alarms[0].alarm_id, by, comment=comment)
        return self.get(case_id)

    def judge(self, case_id: str, by: Actor, *, verdict: Verdict, finding: str) -> Case:
        """One verdict for the case: for the open alarms, and for those that led to it and have no verdict yet."""
        case = self.get(case_id)
        unjudged = [alarm for alarm in case.earlier if alarm.verdict is None]
        for alarm in (*case.alarms, *unjudged):
            self.alarms.judge(alarm.alarm_id, by, verdict=verdict, finding=finding)
        return self.get(case_id)


def _unless_over(act: Callable[[], Alarm]) -> None:
    """Another user may be quicker, or an alarm may end: that is not an error of this user."""
    try:
        act()
    except Problem as problem:
        if problem.code != "alarm_over":
            raise


def _all_of(case: Case) -> tuple[Alarm, ...]:
    return (*case.alarms, *case.earlier)
