"""Schedules in requests and answers."""

from typing import Any

import pytest
from pydantic import ValidationError

from control_api.schedules.schemas import ScheduleRequest, schedule_response
from energytrack.store.operations.schedules import Schedule, ScheduleChange
from testkit.dates import NOW

GIVEN: dict[str, Any] = {
    "name": "press shop at night", "action": "shutdown", "select": {"line": "press-shop"}, "days": ["mon", "tue"],
    "at": "22:15", "reason": "nobody is there",
}  # fmt: skip


def test_a_schedule_does_not_override_unless_it_says_so() -> None:
    assert ScheduleRequest.model_validate(GIVEN).override is False


@pytest.mark.parametrize("at", ["24:00", "9:00", "22:60", "22.15", "22:15:00", "noon"])
def test_a_time_that_no_clock_shows_is_refused(at: str) -> None:
    with pytest.raises(ValidationError, match="at"):
        ScheduleRequest.model_validate(GIVEN | {"at": at})


@pytest.mark.parametrize("days", [[], ["monday"], ["mon"] * 9])
def test_days_are_weekdays_or_holidays(days: list[str]) -> None:
    with pytest.raises(ValidationError, match="days"):
        ScheduleRequest.model_validate(GIVEN | {"days": days})


def test_an_answer_has_the_next_run_in_the_plants_zone_and_what_people_did() -> None:
    """It names machines where machines were chosen, and a line where a line was."""
    made = ScheduleChange(at=NOW, deed="created", by="grafana:maria", role="Editor", address="192.0.2.7")
    schedule = Schedule(
        schedule_id="01S", name="night", action="shutdown", days=("mon",), at="22:15", reason="nobody is there",
        device_ids=("press-0001",), log=(made,),
    )  # fmt: skip
    answer = schedule_response(schedule, time_zone="Europe/Berlin", next_run_at=NOW)
    assert (answer.next_run_at, answer.time_zone) == (NOW, "Europe/Berlin")
    assert (answer.device_ids, answer.line) == (["press-0001"], None)
    (entry,) = answer.log
    assert (entry.deed, entry.by, entry.address) == ("created", "grafana:maria", "192.0.2.7")
    assert schedule_response(schedule, time_zone="Europe/Berlin", next_run_at=None).next_run_at is None
