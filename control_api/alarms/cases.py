"""A case: everything that is wrong with one machine, handled as one. Pure.

A machine that is about to fail is also hot, and then it fails: several rules fire, each with its own alarm. An alarm
that is not about a machine is a separate case. A repair ends a case: a machine that fails again is another one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from energytrack.store.operations.alarms import RISK_RULES, SEVERITIES, Alarm, Severity, Verdict

CaseState = Literal["active", "acknowledged", "snoozed", "cleared"]
FAILURE: Final = "MachineFailed"
"""The rule whose alarm ends with the repair."""


class Case(Struct, frozen=True, kw_only=True):
    """What is wrong with a machine now, and its earlier alarms that belong to it."""

    case_id: str
    """The machine's id; the alarm's id if it is not about a machine; of a case that is over, that of its top alarm."""
    device_id: str | None
    line: str | None
    severity: Severity
    """The highest severity among the alarms."""
    state: CaseState
    summary: str
    """Of the most severe alarm; of several, the latest."""
    factors: tuple[str, ...]
    """The model's reasons in words when it first warned, whatever has happened since."""
    warned_at: datetime | None
    """When the first warning before the failure opened; None if the machine has not failed, or nothing warned of it."""
    warning: str | None
    """What that warning said."""
    failed_at: datetime | None
    """When the machine failed, if it has."""
    opened_at: datetime
    """When the oldest of its alarms opened; alarms that led to it do not count."""
    cleared_at: datetime | None
    """When the last of its alarms ended; None while one is open."""
    assignee: str | None
    acknowledged_by: str | None
    verdict: Verdict | None
    finding: str | None
    alarms: tuple[Alarm, ...]
    """Open alarms, or all of a case that is over; the most severe first."""
    earlier: tuple[Alarm, ...]
    """Alarms that ended within a day before, since the last repair; most often they led to this one."""


def cases(open_alarms: Iterable[Alarm], ended: Iterable[Alarm] = ()) -> list[Case]:
    """All open cases: the most severe first, then the oldest."""
    before = _by_case(ended)
    made = [_case(name, alarms, _led_to(alarms, before[name])) for name, alarms in _by_case(open_alarms).items()]
    return sorted(made, key=lambda case: (SEVERITIES.index(case.severity), case.opened_at, case.case_id))


def closed_cases(open_alarms: Iterable[Alarm], ended: Iterable[Alarm]) -> list[Case]:
    """Cases that are over, the latest first: ended alarms that belong to no open case."""
    present = _by_case(open_alarms)
    made: list[Case] = []
    for name, alarms in _by_case(ended).items():
        rest = alarms
        if name in present:
            led = _led_to(present[name], alarms)
            rest = [alarm for alarm in alarms if alarm not in led]
        while rest:
            repaired = max((_ended(alarm) for alarm in rest if alarm.rule == FAILURE), default=None)
            last = [alarm for alarm in rest if repaired is None or alarm.opened_at >= repaired] or rest
            made.append(_case(_by_weight(last)[0].alarm_id, last, ()))
            rest = [alarm for alarm in rest if alarm not in last]
    return sorted(made, key=lambda case: case.cleared_at or case.opened_at, reverse=True)


def _by_case(alarms: Iterable[Alarm]) -> defaultdict[str, list[Alarm]]:
    together: defaultdict[str, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        together[case_id(alarm)].append(alarm)
    return together


def _led_to(alarms: Sequence[Alarm], ended: Sequence[Alarm]) -> list[Alarm]:
    """Ended alarms of an open case: those since the machine was last repaired."""
    ends = [alarm.previous_ended_at for alarm in alarms if alarm.previous_ended_at is not None]
    ends += [_ended(alarm) for alarm in ended if alarm.rule == FAILURE]
    return [alarm for alarm in ended if alarm.opened_at >= max(ends, default=alarm.opened_at)]


def _ended(alarm: Alarm) -> datetime:
    return alarm.cleared_at or alarm.updated_at


def case_id(alarm: Alarm) -> str:
    """The case that an alarm belongs to."""
    return alarm.device_id or alarm.alarm_id


def _by_weight(alarms: Iterable[Alarm]) -> list[Alarm]:
    return sorted(alarms, key=lambda alarm: (SEVERITIES.index(alarm.severity), -alarm.opened_at.timestamp()))


def _case(name: str, alarms: Sequence[Alarm], ended: Sequence[Alarm]) -> Case:
    by_weight = _by_weight(alarms)
    by_age = sorted([*alarms, *ended], key=lambda alarm: alarm.opened_at)
    judged = [alarm for alarm in by_age if alarm.verdict is not None]
    taken = [alarm for alarm in by_weight if alarm.acknowledged_by is not None]
    failed = next((alarm.opened_at for alarm in alarms if alarm.rule == FAILURE), None)
    warned = (one for one in by_age if one.factors or one.rule in RISK_RULES)
    warning = None if failed is None else next((one for one in warned if one.opened_at < failed), None)
    return Case(
        case_id=name,
        device_id=by_weight[0].device_id,
        line=by_weight[0].line,
        severity=by_weight[0].severity,
        state=_state(by_weight),
        summary=by_weight[0].summary,
        factors=next((alarm.factors for alarm in by_age if alarm.factors), ()),
        warned_at=None if warning is None else warning.opened_at,
        warning=None if warning is None else warning.summary,
        failed_at=failed,
        opened_at=min(alarm.opened_at for alarm in alarms),
        cleared_at=max(map(_ended, alarms)) if all(alarm.state == "cleared" for alarm in alarms) else None,
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
    if taken:
        return "acknowledged"
    return "snoozed" if any(alarm.state == "snoozed" for alarm in by_weight) else "cleared"
