"""A case: everything that is wrong with one machine, handled as one. Pure.

A machine that is about to fail is also hot, and then it fails: several rules fire, each with an alarm of its own. An
alarm that is not about a machine is a case by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from energytrack.store.operations.alarms import SEVERITIES, Alarm, Severity, Verdict

CaseState = Literal["active", "acknowledged", "snoozed"]
STATES: Final[tuple[CaseState, ...]] = ("active", "acknowledged", "snoozed")


class Case(Struct, frozen=True, kw_only=True):
    """What is wrong with a machine now, and its earlier alarms that belong to it."""

    case_id: str
    """The machine's id, or the alarm's id if it is not about a machine."""
    device_id: str | None
    line: str | None
    severity: Severity
    """The highest severity among the open alarms."""
    state: CaseState
    summary: str
    """Of the most severe alarm; of several, the latest."""
    factors: tuple[str, ...]
    """The model's reasons in words when it first warned, whatever has happened since."""
    opened_at: datetime
    """When the oldest of its open alarms opened."""
    assignee: str | None
    acknowledged_by: str | None
    verdict: Verdict | None
    finding: str | None
    alarms: tuple[Alarm, ...]
    """Open alarms, the most severe first."""
    earlier: tuple[Alarm, ...]
    """Alarms that ended shortly before; most often they led to this one."""


def cases(open_alarms: Iterable[Alarm], ended: Iterable[Alarm] = ()) -> list[Case]:
    """All cases: the most severe first, then the oldest."""
    together: dict[str, list[Alarm]] = defaultdict(list)
    for alarm in open_alarms:
        together[case_id(alarm)].append(alarm)
    before: dict[str, list[Alarm]] = defaultdict(list)
    for alarm in ended:
        before[case_id(alarm)].append(alarm)
    made = [_case(name, alarms, before[name]) for name, alarms in together.items()]
    return sorted(made, key=lambda case: (SEVERITIES.index(case.severity), case.opened_at, case.case_id))


def case_id(alarm: Alarm) -> str:
    """The case that an alarm belongs to."""
    return alarm.device_id or alarm.alarm_id


def _case(name: str, alarms: Sequence[Alarm], ended: Sequence[Alarm]) -> Case:
    by_weight = sorted(alarms, key=lambda alarm: (SEVERITIES.index(alarm.severity), -alarm.opened_at.timestamp()))
    by_age = sorted([*alarms, *ended], key=lambda alarm: alarm.opened_at)
    judged = [alarm for alarm in by_age if alarm.verdict is not None]
    taken = [alarm for alarm in by_weight if alarm.acknowledged_by is not None]
    return Case(
        case_id=name,
        device_id=by_weight[0].device_id,
        line=by_weight[0].line,
        severity=by_weight[0].severity,
        state=_state(by_weight),
        summary=by_weight[0].summary,
        factors=next((alarm.factors for alarm in by_age if alarm.factors), ()),
        opened_at=min(alarm.opened_at for alarm in alarms),
        assignee=next((alarm.assignee for alarm in by_weight if alarm.assignee), None),
        acknowledged_by=taken[0].acknowledged_by if taken else None,
        verdict=judged[-1].verdict if judged else None,
        finding=judged[-1].finding if judged else None,
        alarms=tuple(by_weight),
        earlier=tuple(sorted(ended, key=lambda alarm: alarm.opened_at, reverse=True)),
    )


def _state(by_weight: Sequence[Alarm]) -> CaseState:
    """A case stays acknowledged until something worse happens.

    A further alarm of no higher severity changes nothing.
    """
    waiting = [SEVERITIES.index(alarm.severity) for alarm in by_weight if alarm.state == "active"]
    taken = [SEVERITIES.index(alarm.severity) for alarm in by_weight if alarm.state == "acknowledged"]
    if waiting and (not taken or min(waiting) < min(taken)):
        return "active"
    return "acknowledged" if taken else "snoozed"
