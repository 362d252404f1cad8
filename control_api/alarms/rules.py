"""How an alert, or a person's action, changes an alarm. Pure.

An alert is what a rule reports. An alarm is the record of it, one for each rule and subject, with people's actions.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from control_api.auth.identity import Actor
from energytrack.store.operations.alarms import RISK_RULES, RULES_NAME, Alarm, Deed, LogEntry, Severity, Verdict

Sender = Literal["alertmanager", "grafana", "prometheus"]
"""Who reports that an alert fires: Prometheus is queried, the others send notifications."""
SPEAKS_FOR: Final[Mapping[Sender, frozenset[Sender]]] = {
    "alertmanager": frozenset({"alertmanager", "prometheus"}),
    "grafana": frozenset({"grafana"}),
    "prometheus": frozenset({"prometheus"}),
}
"""Whose reports a resolved notification ends: Alertmanager forwards Prometheus' alerts, Grafana evaluates its own
rules.
"""
GAP: Final = timedelta(minutes=5)
"""An alert that starts this long after the last confirmation is a new episode."""


class Alert(Struct, frozen=True, kw_only=True):
    """What a rule reports."""

    rule: str
    sender: Sender
    subject: str
    """The machine, or else the labels that distinguish this alert from others of its rule."""
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
    """An alarm after a change, and the log entry about the change, if there is one."""

    alarm: Alarm
    entry: LogEntry | None


RULE: Final = Actor(RULES_NAME, "", "")


def alarm_id(alert: Alert) -> str:
    """The id of the only alarm of this rule and subject."""
    return hashlib.blake2b(f"{alert.rule}\0{alert.subject}".encode(), digest_size=10).hexdigest()


def notified(
    alarm: Alarm | None, alert: Alert, *, now: datetime, factors: tuple[str, ...], entry_id: str
) -> AlarmChange | None:
    """The change that an alert makes to an alarm; None if there is none.

    A firing rule opens an alarm, or reopens a cleared one as a new episode, without the verdict of the previous one.
    While it keeps firing, the texts are updated and people's actions stay. An end from before this episode is late and
    changes nothing, and one sender's end has no effect while another sender confirms the alert.
    """
    if alert.firing:
        return _fired(alarm, alert, now=now, factors=factors, entry_id=entry_id)
    if alarm is None or alarm.state == "cleared":
        return None
    if alert.ended_at is not None and alert.ended_at < alarm.opened_at:
        return None
    others = {name: report for name, report in alarm.senders.items() if name not in SPEAKS_FOR[alert.sender]}
    if alarm.senders and len(others) == len(alarm.senders):
        return None
    if others:
        return AlarmChange(_next(replace(alarm, senders=others)), None)
    return cleared(
        alarm, now=now, entry_id=entry_id, at=alert.ended_at, because=f"{alert.sender} reports that it has ended"
    )


def cleared(alarm: Alarm, *, now: datetime, entry_id: str, because: str, at: datetime | None = None) -> AlarmChange:
    """The alarm has ended, for a reason that is recorded."""
    after = replace(
        alarm,
        state="cleared",
        cleared_at=at or now,
        cleared_because=because,
        snoozed_until=None,
        senders={},
        unseen_since=None,
    )
    after = _next(after, updated_at=now)
    return AlarmChange(after, _entry(after, "cleared", RULE, now=now, entry_id=entry_id, text=because))


def confirmed(
    alarm: Alarm, alert: Alert, *, now: datetime, factors: tuple[str, ...], entry_id: str
) -> AlarmChange | None:
    """Prometheus confirms it, or reports a new episode if the alarm had ended meanwhile."""
    if _is_new(alarm, alert):
        return _fired(alarm, alert, now=now, factors=factors, entry_id=entry_id)
    senders = {**alarm.senders, alert.sender: now}
    after = replace(alarm, senders=senders, unseen_since=None, factors=_reasons(alarm, factors))
    return AlarmChange(_next(after), None)


def asks_for_reasons(alarm: Alarm, alert: Alert | None, *, now: datetime) -> bool:
    """Whether the model's reasons would change an open alarm; `alert` is None if Prometheus does not report it."""
    if alert is None:
        return _lacks_reasons(alarm) and now - last_known(alarm) < GAP
    return _is_new(alarm, alert) or _lacks_reasons(alarm)


def explained(alarm: Alarm, *, now: datetime, factors: tuple[str, ...]) -> AlarmChange | None:
    """The reasons of an alarm that Prometheus does not report, such as that of a rule of Grafana's own; None if none.

    Only while its sender's word is new: later the model may speak of a machine that is sound again.
    """
    if not factors or not asks_for_reasons(alarm, None, now=now):
        return None
    return AlarmChange(_next(replace(alarm, factors=factors)), None)


def _lacks_reasons(alarm: Alarm) -> bool:
    """Whether it opened before the model's reasons were stored.

    Another rule's alarm has those of its opening or none: what the model says later is no warning that came with it.
    """
    return alarm.rule in RISK_RULES and not alarm.factors


def _reasons(alarm: Alarm, factors: tuple[str, ...]) -> tuple[str, ...]:
    return factors if _lacks_reasons(alarm) else alarm.factors


def last_known(alarm: Alarm) -> datetime:
    """When a sender last confirmed it."""
    return max(alarm.senders.values(), default=alarm.updated_at)


def _is_new(alarm: Alarm, alert: Alert) -> bool:
    """Whether an open alarm ended meanwhile without a notification."""
    unseen = alarm.unseen_since is not None and alert.started_at >= alarm.unseen_since
    return unseen or alert.started_at > last_known(alarm) + GAP


def _fired(
    alarm: Alarm | None, alert: Alert, *, now: datetime, factors: tuple[str, ...], entry_id: str
) -> AlarmChange | None:
    texts = {
        "severity": alert.severity,
        "summary": alert.summary,
        "description": alert.description,
        "links": alert.links,
    }
    if alarm is not None and alarm.state != "cleared" and not _is_new(alarm, alert):
        after = replace(
            alarm,
            notifications=alarm.notifications + 1,
            senders={**alarm.senders, alert.sender: now},
            unseen_since=None,
            factors=_reasons(alarm, factors),
            **texts,
        )
        return AlarmChange(_next(after, updated_at=now), None)
    opened = Alarm(
        alarm_id=alarm_id(alert),
        rule=alert.rule,
        device_id=alert.device_id,
        line=alert.line,
        state="active",
        factors=factors,
        opened_at=now,
        updated_at=now,
        senders={alert.sender: now},
        episode=1 if alarm is None else alarm.episode + 1,
        previous_ended_at=None if alarm is None else alarm.cleared_at or last_known(alarm),
        assignee=None if alarm is None else alarm.assignee,
        version=1 if alarm is None else alarm.version + 1,
        **texts,  # type: ignore[arg-type]  # the same fields as above
    )
    deed: Deed = "opened" if alarm is None else "reopened"
    return AlarmChange(opened, _entry(opened, deed, RULE, now=now, entry_id=entry_id, text=alert.summary))


def acknowledged(alarm: Alarm, *, by: Actor, now: datetime, entry_id: str, text: str) -> AlarmChange | None:
    """Acknowledge it; None if it is cleared, or acknowledged already."""
    if alarm.state not in {"active", "snoozed"}:
        return None
    after = _next(
        replace(alarm, state="acknowledged", acknowledged_at=now, acknowledged_by=by.subject, snoozed_until=None)
    )
    return AlarmChange(after, _entry(after, "acknowledged", by, now=now, entry_id=entry_id, text=text))


def snoozed(alarm: Alarm, *, by: Actor, now: datetime, entry_id: str, until: datetime, text: str) -> AlarmChange | None:
    """Snooze it until a time; None if it is cleared."""
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


def commented(alarm: Alarm, *, by: Actor, now: datetime, entry_id: str, text: str) -> AlarmChange:
    """A comment is logged; nothing else changes."""
    after = _next(alarm)
    return AlarmChange(after, _entry(after, "commented", by, now=now, entry_id=entry_id, text=text))


def assigned(alarm: Alarm, *, by: Actor, now: datetime, entry_id: str, assignee: str, text: str) -> AlarmChange:
    after = _next(replace(alarm, assignee=assignee))
    return AlarmChange(after, _entry(after, "assigned", by, now=now, entry_id=entry_id, text=text, assignee=assignee))


def judged(alarm: Alarm, *, by: Actor, now: datetime, entry_id: str, verdict: Verdict, finding: str) -> AlarmChange:
    """Record a verdict; a later one on the same episode replaces it."""
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
