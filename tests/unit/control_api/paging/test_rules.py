"""Whom a case is paged to, step by step."""

from datetime import datetime, time, timedelta

from control_api.alarms.cases import Case, cases
from control_api.paging.rules import EscalationStep, due_step
from energytrack.contract.calendar import WEEKDAYS, DayWindow
from energytrack.contract.duty import Duty, DutyRules, QuietHours, WeeklyWatch
from energytrack.store.operations.alarms import AlarmState, Severity
from energytrack.store.operations.pages import Escalation
from testkit.builders.control import an_alarm
from testkit.dates import PLANT_ZONE, at_plant

NOON = at_plant("mon", "12:00")
NIGHT = at_plant("mon", "23:00")
MINUTE = timedelta(minutes=1)
DAYTIME = DayWindow(WEEKDAYS, time(6), time(22))
AT_NIGHT = DayWindow(WEEKDAYS, time(22), time(6))
RULES = DutyRules(watches=(WeeklyWatch("maria", (DAYTIME,)),), escalate_to=("anna", "otto"))
DUTY = Duty(RULES, PLANT_ZONE)


def a_case(severity: Severity = "critical", state: AlarmState = "active") -> Case:
    return cases(
        [
            an_alarm(
                severity=severity, state=state, opened_at=NOON, acknowledged_by="x" if state == "acknowledged" else None
            )
        ]
    )[0]


def advanced(before: Escalation | None, case: Case | None, now: datetime, duty: Duty = DUTY) -> EscalationStep:
    made = due_step(before, case, duty, now=now)
    assert made is not None
    return made


def test_one_after_the_other_is_paged_until_somebody_acknowledges() -> None:
    """After the last, everybody is paged again each hour."""
    state: Escalation | None = None
    rounds, now = [], NOON
    for _ in range(5):
        made = advanced(state, a_case(), now)
        state = made.after
        assert state is not None
        assert state.due_at is not None
        assert due_step(state, a_case(), DUTY, now=state.due_at - MINUTE) is None
        rounds.append((round((now - NOON) / MINUTE), made.recipients))
        now = state.due_at
    assert rounds == [
        (0, ("maria",)), (10, ("anna",)), (20, ("otto",)),
        (80, ("maria", "anna", "otto")), (140, ("maria", "anna", "otto")),
    ]  # fmt: skip


def test_an_acknowledgement_stops_it_and_something_worse_begins_again() -> None:
    first = advanced(None, a_case("warning"), NOON).after
    stopped = advanced(first, a_case("warning", "acknowledged"), NOON + MINUTE)
    assert stopped.recipients == ()
    assert stopped.after is not None
    assert stopped.after.due_at is None
    assert due_step(stopped.after, a_case("warning", "acknowledged"), DUTY, now=NOON + 60 * MINUTE) is None
    again = advanced(stopped.after, a_case("critical"), NOON + 61 * MINUTE)
    assert (again.recipients, again.after and again.after.step) == (("maria",), 0)


def test_a_warning_that_becomes_critical_is_paged_at_once() -> None:
    first = advanced(None, a_case("warning"), NOON).after
    assert advanced(first, a_case("critical"), NOON + MINUTE).recipients == ("maria",)


def test_those_who_were_paged_are_notified_that_it_is_over() -> None:
    first = advanced(None, a_case(), NOON).after
    second = advanced(first, a_case(), NOON + 10 * MINUTE).after
    assert advanced(second, None, NOON + 11 * MINUTE) == EscalationStep(None, ("maria", "anna"), "ended")
    assert due_step(None, None, DUTY, now=NOON) is None


def test_in_quiet_hours_a_warning_waits_and_then_pages() -> None:
    """If it is still there; a critical case does not wait."""
    rules = DutyRules(
        watches=RULES.watches, escalate_to=RULES.escalate_to, quiet_hours=(QuietHours(("warning",), (AT_NIGHT,)),)
    )
    duty = Duty(rules, PLANT_ZONE)
    assert due_step(None, a_case("warning"), duty, now=NIGHT) is None
    assert advanced(None, a_case("critical"), NIGHT, duty).recipients == ("anna",)
    assert advanced(None, a_case("warning"), at_plant("tue", "06:00"), duty).recipients == ("maria",)


def test_if_nobody_is_on_duty_the_next_one_is_paged_at_once() -> None:
    made = advanced(None, a_case(), NIGHT)
    assert (made.recipients, made.after and made.after.step) == (("anna",), 1)
    assert advanced(made.after, a_case(), NIGHT + 10 * MINUTE).recipients == ("otto",)


def test_with_nobody_at_all_it_goes_on_trying() -> None:
    duty = Duty(DutyRules(watches=RULES.watches), PLANT_ZONE)
    made = advanced(None, a_case(), NIGHT, duty)
    assert made.recipients == ()
    assert advanced(made.after, a_case(), at_plant("tue", "06:00"), duty).recipients == ("maria",)


def test_nobody_is_paged_as_the_next_one_who_is_on_duty_anyway() -> None:
    duty = Duty(DutyRules(watches=RULES.watches, escalate_to=("maria", "anna")), PLANT_ZONE)
    first = advanced(None, a_case(), NOON, duty)
    assert advanced(first.after, a_case(), NOON + 10 * MINUTE, duty).recipients == ("anna",)


def test_a_snoozed_case_and_one_of_no_interest_page_nobody() -> None:
    assert due_step(None, a_case("critical", "snoozed"), DUTY, now=NOON) is None
    assert due_step(None, a_case("info"), DUTY, now=NOON) is None


def test_the_words_of_a_page_are_kept_until_it_is_over() -> None:
    """A machine by its name; the id of any other case is a number that nobody knows."""
    (of_the_plant,) = cases([an_alarm("NothingArrives", device_id=None, summary="NothingArrives", severity="critical")])
    about = [each.about for case in (a_case(), of_the_plant) if (each := advanced(None, case, NOON).after)]
    assert about == ["cnc-0007", "Nothing arrives"]
