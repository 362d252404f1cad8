"""The current cases, and actions on all alarms of a case at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from control_api.alarms.cases import Case, cases, closed_cases
from control_api.alarms.service import AlarmService
from control_api.auth.identity import Actor
from control_api.http.problems import Problem
from energytrack.store.operations.alarms import OPEN_STATES, Alarm, AlarmFilter, LogEntry, Verdict

BEFORE: Final = timedelta(hours=24)
"""Alarms that ended within this time before it belong to the case."""
REMARKS: Final = 100


@dataclass(frozen=True)
class CaseService:
    alarms: AlarmService

    def all(self) -> list[Case]:
        """Every open case: the most severe first, then the oldest."""
        return cases(*self._alarms())

    def closed(self) -> list[Case]:
        """The cases of the last day that are over, the latest first."""
        return closed_cases(*self._alarms())

    def recent(self) -> list[Case]:
        """The open ones, then those of the last day that are over."""
        alarms = self._alarms()
        return [*cases(*alarms), *closed_cases(*alarms)]

    def _alarms(self) -> tuple[Sequence[Alarm], Sequence[Alarm]]:
        """Open alarms, and those that ended lately."""
        since = self.alarms.clock.now() - BEFORE
        find = self.alarms.alarms.find
        return find(AlarmFilter(states=OPEN_STATES)), find(AlarmFilter(states=("cleared",), changed_since=since))

    def get(self, case_id: str) -> Case:
        """One case, open or over for less than a day; raises Problem if there is none."""
        case = next((case for case in self.recent() if case.case_id == case_id), None)
        if case is None:
            raise Problem("unknown_alarm", f"{case_id} has no open alarm.")
        return case

    def remarks(self, shown: Sequence[Case]) -> dict[str, list[LogEntry]]:
        """Comments on these cases by the id of the case, newest first."""
        cases_of = {alarm.alarm_id: (case, alarm) for case in shown for alarm in _all_of(case)}
        by_case: dict[str, list[LogEntry]] = {case.case_id: [] for case in shown}
        for entry in self.alarms.alarms.remarks(list(cases_of), limit=REMARKS * max(1, len(shown))):
            case, alarm = cases_of[entry.alarm_id]
            if entry.episode == alarm.episode:
                by_case[case.case_id].append(entry)
        return by_case

    def acknowledge(self, case_id: str, by: Actor, *, comment: str) -> Case:
        """Acknowledge all open alarms; those acknowledged before stay as they are."""
        waiting = [alarm for alarm in self._still_open(case_id) if alarm.state != "acknowledged"]
        for number, alarm in enumerate(waiting):
            text = "" if number else comment
            _unless_over(partial(self.alarms.acknowledge, alarm.alarm_id, by, comment=text))
        return self.get(case_id)

    def snooze(self, case_id: str, by: Actor, *, minutes: int, comment: str) -> Case:
        """Snooze all open alarms; the comment is stored once."""
        for number, alarm in enumerate(self._still_open(case_id)):
            text = "" if number else comment
            _unless_over(partial(self.alarms.snooze, alarm.alarm_id, by, minutes=minutes, comment=text))
        return self.get(case_id)

    def _still_open(self, case_id: str) -> tuple[Alarm, ...]:
        case = self.get(case_id)
        if case.state == "cleared":
            raise Problem("alarm_over", "The case is over, so this does not apply.", {"state": case.state})
        return case.alarms

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
