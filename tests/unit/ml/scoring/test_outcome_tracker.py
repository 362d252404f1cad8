from datetime import timedelta

import pytest

from energytrack.events import DeviceEvent
from energytrack.messages import Insight
from ml.recommendations.rules import INSPECT, recommendation_rules
from ml.scoring.outcome_tracker import OutcomeCounts, OutcomeTracker
from testkit.builders.messages import NOW, an_event, an_insight

INSPECTION = next(a.recommendation() for a in recommendation_rules() if a.code == INSPECT)
MINUTE = timedelta(minutes=1)


def insight(hours: float, *, alarmed: bool, device_id: str = "cnc-0007", known: bool = True) -> Insight:
    return an_insight(
        device_id,
        timestamp=NOW + timedelta(hours=hours),
        failure_probability=0.8 if known else None,
        recommendations=(INSPECTION,) if alarmed else (),
    )


def event(hours: float, kind: str, device_id: str = "cnc-0007") -> DeviceEvent:
    return an_event(kind, device_id, timestamp=NOW + timedelta(hours=hours))


def settled(*messages: Insight | DeviceEvent, batches: int = 1, horizon_hours: float = 24.0) -> OutcomeCounts:
    """What is settled in the end; every message is a batch of its own, or all are one."""
    tracker, tally = OutcomeTracker(), OutcomeCounts()
    size = -(-len(messages) // batches)
    for start in range(0, len(messages), size):
        batch = messages[start : start + size]
        insights = [m for m in batch if isinstance(m, Insight)]
        happened = [m for m in batch if not isinstance(m, Insight)]
        tally += tracker.update(insights, happened, horizon_hours=horizon_hours)
    return tally


def outcome(tally: OutcomeCounts) -> tuple[tuple[str, ...], list[float], int]:
    """Alarms, lead times in hours, and missed failures."""
    return tally.alarms, [lead / 3.6e6 for lead in tally.leads_ms], tally.missed


CALM, ALARM = insight(0, alarmed=False), insight(1, alarmed=True)


@pytest.mark.parametrize("batches", [1, 100])
def test_a_failure_after_an_alarm_was_caught(batches: int) -> None:
    """Events of a batch come before its readings, and what counts is when they happened."""
    tally = settled(CALM, ALARM, insight(5, alarmed=True), event(6, "failure"), batches=batches)
    assert outcome(tally) == (("true",), [5.0], 0)


def test_a_failure_without_an_alarm_was_missed() -> None:
    assert outcome(settled(insight(5, alarmed=False), event(5.5, "failure"))) == ((), [], 1)


def test_a_failure_of_a_machine_without_a_probability_is_nobodys_miss() -> None:
    assert outcome(settled(insight(5, alarmed=False, known=False), event(5.5, "failure"))) == ((), [], 0)


def test_an_alarm_without_a_failure_in_its_horizon_was_false() -> None:
    """Not before the horizon has passed."""
    assert outcome(settled(ALARM, insight(2, alarmed=False), insight(24.9, alarmed=False))) == ((), [], 0)
    assert outcome(settled(ALARM, insight(2, alarmed=False), insight(25.1, alarmed=False))) == (("false",), [], 0)


def test_an_alarm_that_never_stops_rings_again_every_horizon() -> None:
    """And is worth nothing."""
    hourly = [insight(h, alarmed=True) for h in range(80)]
    assert settled(*hourly, batches=80).alarms == ("false",) * 3


def test_two_alarms_before_a_failure_were_both_right() -> None:
    """The first one is what people had to go by."""
    tally = settled(ALARM, insight(2, alarmed=False), insight(8, alarmed=True), event(9, "failure"), batches=4)
    assert outcome(tally) == (("true", "true"), [8.0], 0)


@pytest.mark.parametrize("kind", ["maintenance_started", "maintenance_done"])
def test_an_alarm_that_people_acted_on_is_neither_true_nor_false(kind: str) -> None:
    """The work may have prevented the failure."""
    tally = settled(ALARM, event(5, kind), insight(6, alarmed=False), insight(48, alarmed=False), batches=4)
    assert outcome(tally) == (("maintained",), [], 0)


def test_a_machine_that_is_down_does_not_fail_again() -> None:
    """Until it is repaired."""
    down = (ALARM, event(3, "failure"), event(3.1, "failure"))
    assert outcome(settled(*down)) == (("true",), [2.0], 0)
    again = (*down, event(5, "maintenance_done"), insight(6, alarmed=False), event(6.5, "failure"))
    assert outcome(settled(*again, batches=6)) == (("true",), [2.0], 1)


def test_machine_time_counts_while_a_probability_is_known() -> None:
    """Not through silence."""
    minutes = [insight(m / 60, alarmed=False) for m in range(11)]
    silent = [insight(5 + m / 60, alarmed=False) for m in range(6)]
    assert settled(*minutes, *silent, batches=17).watched_ms == 15 * 60_000
    assert settled(*(insight(m / 60, alarmed=False, known=False) for m in range(9)), batches=9).watched_ms == 0


def test_machines_are_judged_each_by_itself() -> None:
    tally = settled(ALARM, insight(2, alarmed=False, device_id="press-0001"), event(3, "failure", "press-0001"))
    assert outcome(tally) == ((), [], 1)


def test_a_machine_that_went_elsewhere_is_settled_there() -> None:
    tracker = OutcomeTracker()
    tracker.update([ALARM], [], horizon_hours=24.0)
    tracker.forget(["cnc-0007"])
    assert tracker.update([insight(30, alarmed=False)], [], horizon_hours=24.0).alarms == ()


@pytest.mark.parametrize("batches", [1, 2, 5])
def test_it_does_not_matter_how_messages_come_together(batches: int) -> None:
    """Of machines that are calm throughout, that have an alarm in between, and that fail."""
    second = 1 / 3600
    messages: list[Insight | DeviceEvent] = []
    for i in range(20):
        messages.append(insight(i * second, alarmed=False, device_id="calm"))
        messages.append(insight(i * second, alarmed=5 <= i < 9 or i in {12, 14}, device_id="alarmed"))
        messages.append(insight(i * second, alarmed=i >= 15, device_id="failing", known=i > 3))
    messages.append(event(20 * second, "failure", "failing"))
    tally = settled(*messages, batches=batches)
    alone = settled(*messages, batches=len(messages))
    assert tally == alone
    assert alone.watched_ms == 19_000 + 19_000 + 15_000
    assert outcome(alone)[0] == ("true",)
