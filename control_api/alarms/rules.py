"""What becomes of an alarm when its rule speaks, or a person acts on it. Pure."""

import hashlib
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from control_api.auth.identity import Actor
from energytrack.store.operations.alarms import Alarm, Deed, LogEntry, Severity, Verdict


class Alert(Struct, frozen=True, kw_only=True):
    """What a rule says of a machine."""

    rule: str
    subject: str
    """The machine, or else what tells this alert from others of its rule."""
    firing: bool
    device_id: str | None
    line: str | None
    severity: Severity
    summary: str
    description: str
    started_at: datetime
    ended_at: datetime | None
    links: dict[str, str]


class AlarmChange(Struct, frozen=True):
    """An alarm after something was done to it, and what is logged of that."""

    alarm: Alarm
    entry: LogEntry | None


RULE = Actor("rule", "", "")


def alarm_id(notice: Alert) -> str:
    """The id of the one alarm that there is of a rule about a subject."""
    return hashlib.blake2b(f"{notice.rule}\0{notice.subject}".encode(), digest_size=10).hexdigest()


def notified(
    alarm: Alarm | None, notice: Alert, *, now: datetime, factors: tuple[str, ...], entry_id: str
) -> AlarmChange | None:
    """What a notice makes of an alarm; None where it changes nothing.

    A rule that fires opens an alarm, or reopens a cleared one as a new episode, without the last one's verdict. While
    it goes on firing, the words are brought up to date and what people did stays. An end that belongs to an episode
    before this one is late, and changes nothing.
    """
    if notice.firing:
        return _fired(alarm, notice, now=now, factors=factors, entry_id=entry_id)
    if alarm is None or alarm.state == "cleared":
        return None
    if notice.ended_at is not None and notice.ended_at < alarm.opened_at:
        return None
    cleared = _next(
        replace(alarm, state="cleared", cleared_at=notice.ended_at or now, snoozed_until=None), updated_at=now
    )
    return AlarmChange(cleared, _entry(cleared, "cleared", RULE, now=now, entry_id=entry_id))


def _fired(
    alarm: Alarm | None, notice: Alert, *, now: datetime, factors: tuple[str, ...], entry_id: str
) -> AlarmChange | None:
    words = {
        "severity": notice.severity,
        "summary": notice.summary,
        "description": notice.description,
        "links": notice.links,
    }
    if alarm is not None and alarm.state != "cleared":
        return AlarmChange(_next(replace(alarm, notifications=alarm.notifications + 1, **words), updated_at=now), None)
    opened = Alarm(
        alarm_id=alarm_id(notice),
        rule=notice.rule,
        device_id=notice.device_id,
        line=notice.line,
        state="active",
        factors=factors,
        opened_at=now,
        updated_at=now,
        episode=1 if alarm is None else alarm.episode + 1,
        assignee=None if alarm is None else alarm.assignee,
        version=1 if alarm is None else alarm.version + 1,
        **words,  # type: ignore[arg-type]  # the same fields as above
    )
    deed: Deed = "opened" if alarm is None else "reopened"
    return AlarmChange(opened, _entry(opened, deed, RULE, now=now, entry_id=entry_id, text=notice.summary))


def acknowledged(alarm: Alarm, by: Actor, *, now: datetime, text: str, entry_id: str) -> AlarmChange | None:
    """Somebody has seen it and looks after it; None where it is over, or was acknowledged before."""
    if alarm.state not in {"active", "snoozed"}:
        return None
    after = _next(
        replace(alarm, state="acknowledged", acknowledged_at=now, acknowledged_by=by.subject, snoozed_until=None)
    )
    return AlarmChange(after, _entry(after, "acknowledged", by, now=now, entry_id=entry_id, text=text))


def snoozed(alarm: Alarm, by: Actor, *, now: datetime, until: datetime, text: str, entry_id: str) -> AlarmChange | None:
    """Not now: it comes back by itself; None where it is over."""
    if alarm.state == "cleared":
        return None
    after = _next(replace(alarm, state="snoozed", snoozed_until=until))
    return AlarmChange(after, _entry(after, "snoozed", by, now=now, entry_id=entry_id, text=text, until=until))


def woken(alarm: Alarm, *, now: datetime, entry_id: str) -> AlarmChange | None:
    """A snoozed alarm whose time has come is active again; None for all others."""
    if alarm.state != "snoozed" or alarm.snoozed_until is None or alarm.snoozed_until > now:
        return None
    after = _next(replace(alarm, state="active", snoozed_until=None))
    return AlarmChange(after, _entry(after, "woke", RULE, now=now, entry_id=entry_id))


def commented(alarm: Alarm, by: Actor, *, now: datetime, text: str, entry_id: str) -> AlarmChange:
    """A remark; it changes nothing else."""
    after = _next(alarm)
    return AlarmChange(after, _entry(after, "commented", by, now=now, entry_id=entry_id, text=text))


def assigned(alarm: Alarm, by: Actor, *, now: datetime, assignee: str, text: str, entry_id: str) -> AlarmChange:
    """Somebody is to look after it."""
    after = _next(replace(alarm, assignee=assignee))
    return AlarmChange(after, _entry(after, "assigned", by, now=now, entry_id=entry_id, text=text, assignee=assignee))


def judged(alarm: Alarm, by: Actor, *, now: datetime, verdict: Verdict, finding: str, entry_id: str) -> AlarmChange:
    """What was behind it, as found at the machine; a later verdict on the same episode replaces the earlier."""
    after = _next(replace(alarm, verdict=verdict, finding=finding, judged_by=by.subject, judged_at=now))
    return AlarmChange(after, _entry(after, "judged", by, now=now, entry_id=entry_id, text=finding, verdict=verdict))


def _next(alarm: Alarm, *, updated_at: datetime | None = None) -> Alarm:
    return replace(alarm, version=alarm.version + 1, updated_at=updated_at or alarm.updated_at)


def _entry(alarm: Alarm, deed: Deed, by: Actor, *, now: datetime, entry_id: str, **fields: object) -> LogEntry:
    return msgspec.convert(
        {
            "entry_id": entry_id,
            "alarm_id": alarm.alarm_id,
            "rule": alarm.rule,
            "device_id": alarm.device_id,
            "episode": alarm.episode,
            "opened_at": alarm.opened_at,
            "at": now,
            "deed": deed,
            "by": by.subject,
            "role": by.role,
            "address": by.address,
            **fields,
        },
        LogEntry,
    )
