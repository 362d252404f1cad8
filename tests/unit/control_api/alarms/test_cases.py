from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from control_api.alarms.cases import cases, closed_cases
from energytrack.store.operations.alarms import AlarmState
from testkit.builders.control import an_alarm
from testkit.dates import NOW

MINUTE = timedelta(minutes=1)


def test_the_symptoms_of_a_machine_are_one_case() -> None:
    """With the highest severity, the age of the oldest, and the reasons from before the failure."""
    risk = an_alarm(factors=("temperature rising",))
    failed = an_alarm("MachineFailed", severity="critical", opened_at=NOW + 5 * MINUTE, factors=("state failed",))
    (case,) = cases([risk, failed])
    assert (case.case_id, case.severity, case.opened_at) == ("cnc-0007", "critical", NOW)
    assert (case.summary, case.factors) == ("MachineFailed of cnc-0007", ("temperature rising",))
    assert case.alarms == (failed, risk)


def test_what_led_to_a_failure_stays_a_part_of_it() -> None:
    risk = an_alarm(factors=("temperature rising",), state="cleared", verdict="true_alarm", finding="bearing")
    (case,) = cases([an_alarm("MachineFailed", severity="critical", opened_at=NOW + 5 * MINUTE)], [risk])
    assert (case.earlier, case.factors, case.verdict) == ((risk,), ("temperature rising",), "true_alarm")
    assert cases([], [risk]) == []


def test_the_most_severe_comes_first_and_of_those_the_oldest() -> None:
    listed = cases(
        [
            an_alarm(device_id="a", opened_at=NOW - 60 * MINUTE),
            an_alarm(device_id="b", severity="critical"),
            an_alarm(device_id="c", severity="critical", opened_at=NOW - MINUTE),
            an_alarm("DiskFull", device_id=None, severity="critical", opened_at=NOW + MINUTE),
        ]
    )
    assert [case.case_id for case in listed] == ["c", "b", "DiskFull None", "a"]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("acknowledged", "active"), "acknowledged"),
        (("active", "acknowledged"), "active"),
        (("snoozed", "snoozed"), "snoozed"),
        (("snoozed", "active"), "active"),
        (("acknowledged", "acknowledged"), "acknowledged"),
    ],
    ids=str,
)
def test_somebody_takes_care_until_something_worse_comes(states: tuple[AlarmState, AlarmState], expected: str) -> None:
    """The first alarm is critical, the second a warning."""
    of_critical, of_warning = states
    by = {"acknowledged_by": "grafana:maria"}
    critical = an_alarm("MachineFailed", severity="critical", state=of_critical)
    warning = replace(an_alarm(), state=of_warning)
    alarms = [replace(each, **by) if each.state == "acknowledged" else each for each in (critical, warning)]
    assert cases(alarms)[0].state == expected


def test_a_failed_machine_says_what_was_predicted() -> None:
    """And when nothing was, it says that too."""
    risk = an_alarm(factors=("temperature rising",), opened_at=NOW - 30 * MINUTE)
    failed = an_alarm("MachineFailed", severity="critical")
    (case,) = cases([risk, failed])
    assert (case.failed_at, case.warned_at, case.warning) == (NOW, NOW - 30 * MINUTE, risk.summary)
    (unannounced,) = cases([failed])
    assert (unannounced.failed_at, unannounced.warned_at) == (NOW, None)
    (without_reasons,) = cases([an_alarm(opened_at=NOW - 30 * MINUTE), failed])
    assert without_reasons.warned_at == NOW - 30 * MINUTE
    (leaking,) = cases([an_alarm("PressureLost", opened_at=NOW - 30 * MINUTE), failed])
    assert leaking.warned_at is None
    (standing,) = cases([risk])
    assert (standing.failed_at, standing.warned_at) == (None, None)


def test_a_machine_that_fails_is_repaired_and_fails_again_is_two_cases() -> None:
    """The second knows nothing of the first: neither its reasons, nor its verdict, nor who took care of it."""
    over: dict[str, Any] = {
        "state": "cleared",
        "cleared_at": NOW + 60 * MINUTE,
        "verdict": "true_alarm",
        "finding": "bearing",
    }
    risk = an_alarm(opened_at=NOW - 30 * MINUTE, factors=("temperature rising",), **over)
    pressure = an_alarm("PressureLost", opened_at=NOW + 10 * MINUTE, **over)
    again = an_alarm(
        "MachineFailed", severity="critical", opened_at=NOW + 120 * MINUTE, episode=2,
        previous_ended_at=NOW + 60 * MINUTE,
    )  # fmt: skip
    (case,) = cases([again], [risk, pressure])
    assert (case.earlier, case.factors, case.verdict, case.warned_at) == ((), (), None, None)
    (first,) = closed_cases([again], [risk, pressure])
    assert {alarm.rule for alarm in first.alarms} == {"FailureRiskHigh", "PressureLost"}
    assert (first.state, first.verdict, first.cleared_at) == ("cleared", "true_alarm", NOW + 60 * MINUTE)


def test_a_warning_after_a_repair_is_a_case_of_its_own() -> None:
    failed = an_alarm("MachineFailed", severity="critical", state="cleared", cleared_at=NOW + 60 * MINUTE)
    hot = an_alarm("MachineTooHot", opened_at=NOW + 90 * MINUTE)
    (case,) = cases([hot], [failed])
    assert case.earlier == ()
    assert [each.alarms for each in closed_cases([hot], [failed])] == [(failed,)]
    assert [each.case_id for each in closed_cases([], [failed])] == [failed.alarm_id]
