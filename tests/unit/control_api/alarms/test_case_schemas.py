"""Cases in answers."""

from datetime import timedelta

from control_api.alarms.case_schemas import case_response
from control_api.alarms.cases import cases
from testkit.builders.control import an_alarm
from testkit.dates import NOW

HOUR = timedelta(hours=1)


def test_a_case_says_how_old_it_is_and_what_it_is_made_of() -> None:
    """Its age is that of the oldest alarm that is open."""
    ended = an_alarm("FailureRiskHigh", state="cleared", opened_at=NOW - 3 * HOUR)
    (case,) = cases([an_alarm("MachineFailed", opened_at=NOW - HOUR), an_alarm("PressureLost", opened_at=NOW)], [ended])
    answer = case_response(case, now=NOW + HOUR, remarks=[])
    assert answer.age_seconds == 7200
    assert {alarm.rule for alarm in answer.alarms} == {"MachineFailed", "PressureLost"}
    assert [alarm.rule for alarm in answer.earlier] == ["FailureRiskHigh"]


def test_comments_come_with_it() -> None:
    (case,) = cases([an_alarm()])
    assert case_response(case, now=NOW, remarks=[]).remarks == []
