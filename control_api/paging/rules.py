"""Who is paged about a case, and when. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from control_api.alarms.cases import Case
from control_api.paging.texts import summary_of
from energytrack.contract.duty import Duty
from energytrack.store.operations.alarms import SEVERITIES
from energytrack.store.operations.pages import Escalation, PageKind


class EscalationStep(Struct, frozen=True):
    """The next step of an escalation, and the people to page or to inform."""

    after: Escalation | None
    """None: the escalation is over."""
    recipients: tuple[str, ...] = ()
    kind: PageKind = "page"


def due_step(before: Escalation | None, case: Case | None, duty: Duty, *, now: datetime) -> EscalationStep | None:
    """What is due for a case; None for no case is that it is over, and None as an answer that nothing is due.

    Whoever is on duty is paged first. Without an acknowledgement the next is paged after `escalate_minutes`, and at the
    end everybody again and again. An acknowledgement or a snooze stops this, until something worse happens.
    """
    if case is None:
        return None if before is None else _over(before, duty, now)
    if case.state != "active":
        if before is None or before.due_at is None:
            return None
        return EscalationStep(replace(before, due_at=None, version=before.version + 1))
    return _of_waiting_case(before, case, duty, now)


def _of_waiting_case(before: Escalation | None, case: Case, duty: Duty, now: datetime) -> EscalationStep | None:
    if not duty.pages(case.severity, now):
        return None
    if before is None or before.due_at is None or _is_worse(case, before):
        return _round(before, case, duty, step=0, now=now)
    if now >= before.due_at:
        return _round(before, case, duty, step=before.step + 1 if before.paged else 0, now=now)
    return None


def _over(before: Escalation, duty: Duty, now: datetime) -> EscalationStep:
    """Tell the people who were paged that the case is over, unless pages of this severity have to wait now."""
    return EscalationStep(None, before.paged if duty.pages(before.severity, now) else (), "ended")


def _is_worse(case: Case, before: Escalation) -> bool:
    return SEVERITIES.index(case.severity) < SEVERITIES.index(before.severity)


def _round(before: Escalation | None, case: Case, duty: Duty, *, step: int, now: datetime) -> EscalationStep:
    recipients, step = people_of(step, case.line, duty, now)
    is_last = step >= len(duty.rules.escalate_to)
    pause = timedelta(minutes=duty.rules.repeat_minutes if is_last and recipients else duty.rules.escalate_minutes)
    after = Escalation(
        case_id=case.case_id,
        opened_at=case.opened_at if before is None else before.opened_at,
        severity=case.severity,
        step=step,
        rounds=1 if before is None else before.rounds + 1,
        paged=tuple(dict.fromkeys((*(before.paged if before is not None else ()), *recipients))),
        due_at=now + pause,
        version=1 if before is None else before.version + 1,
        about=case.device_id or summary_of(case),
    )
    return EscalationStep(after, tuple(recipients))


def people_of(step: int, line: str | None, duty: Duty, now: datetime) -> tuple[Sequence[str], int]:
    """The people to page at a step, and the step: if nobody is on duty, paging begins with the first escalation."""
    on_duty = duty.on_duty(now, line)
    chain = tuple(who for who in duty.rules.escalate_to if who not in on_duty)
    if step == 0:
        return (on_duty, 0) if on_duty else (chain[:1], min(1, len(chain)))
    if step <= len(chain):
        return (chain[step - 1],), step
    return tuple(dict.fromkeys((*on_duty, *chain))), step
