"""Cases as they are now, and what people do to all alarms of a case at once."""

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
"""What ended within this time before is part of the case."""
REMARKS: Final = 100


@dataclass(frozen=True)
class CaseService:
    alarms: AlarmService

    def all(self) -> list[Case]:
        """Every case that is open, the most severe first, of those the oldest."""
        filed = self.alarms.alarms
        since = self.alarms.clock.now() - BEFORE
        ended = filed.find(AlarmFilter(states=("cleared",), changed_since=since))
        return cases(filed.find(AlarmFilter(states=OPEN)), ended)

    def get(self, case_id: str) -> Case:
        """One case; a Problem where there is none, or none any more."""
        for case in self.all():
            if case.case_id == case_id:
                return case
        raise Problem("unknown_alarm", f"{case_id} has no open alarm.")

    def remarks(self, case: Case) -> Sequence[LogEntry]:
        """What people wrote about it, newest first."""
        return self.alarms.alarms.remarks([alarm.alarm_id for alarm in _all_of(case)], limit=REMARKS)

    def acknowledge(self, case_id: str, by: Actor, *, comment: str) -> Case:
        """Take care of all that is open; what was acknowledged before stays as it is."""
        waiting = [alarm for alarm in self.get(case_id).alarms if alarm.state != "acknowledged"]
        for number, alarm in enumerate(waiting):
            text = "" if number else comment
            _unless_over(partial(self.alarms.acknowledge, alarm.alarm_id, by, comment=text))
        return self.get(case_id)

    def assign(self, case_id: str, by: Actor, *, assignee: str, comment: str) -> Case:
        """Assign all that is open; a comment is kept once, with the most severe alarm."""
        for number, alarm in enumerate(self.get(case_id).alarms):
            self.alarms.assign(alarm.alarm_id, by, assignee=assignee, comment="" if number else comment)
        return self.get(case_id)

    def comment(self, case_id: str, by: Actor, *, comment: str) -> Case:
        """A comment is kept once, with the most severe alarm."""
        case = self.get(case_id)
        self.alarms.comment(case.alarms[0].alarm_id, by, comment=comment)
        return self.get(case_id)

    def judge(self, case_id: str, by: Actor, *, verdict: Verdict, finding: str) -> Case:
        """One verdict for the case: for what is open, and for what led to it and nobody has judged."""
        case = self.get(case_id)
        unjudged = [alarm for alarm in case.earlier if alarm.verdict is None]
        for alarm in (*case.alarms, *unjudged):
            self.alarms.judge(alarm.alarm_id, by, verdict=verdict, finding=finding)
        return self.get(case_id)


def _unless_over(act: Callable[[], Alarm]) -> None:
    """Somebody else may be quicker, and a rule may end: that is no error of this person's."""
    try:
        act()
    except Problem as problem:
        if problem.code != "alarm_over":
            raise


def _all_of(case: Case) -> tuple[Alarm, ...]:
    return (*case.alarms, *case.earlier)
