"""Models go on within a minute, whatever a machine's clock does."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.decoding.parsing import parse_insight
from energytrack.messages import Insight, encode
from energytrack.topics import INSIGHTS, READINGS
from ml.recommendations.rules import recommendation_rules
from ml.scoring.composition import NAME, TAKES, build
from ml.scoring.scorer import Scorer
from ml.settings import MlSettings
from testkit.builders.messages import NOW, a_reading
from testkit.builders.plants import a_plant
from testkit.builders.recordings import a_champion

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
RIGHT = timedelta(0)


class MachineWithClock:
    """A machine that sends a reading every `every`, with a clock that may be wrong."""

    def __init__(self, *, every: timedelta = SECOND) -> None:
        self.scorer = Scorer(a_champion(), a_plant(12), recommendation_rules())
        self.now = NOW
        self.every = every

    def send(self, *stamps: datetime, temperature: float = 60.0) -> list[Insight]:
        return self.scorer.score([a_reading(timestamp=at, temperature=temperature) for at in stamps], self.now)

    def past(self, seconds: int, *, ahead: timedelta = RIGHT) -> None:
        """It has run for a while; all of it is scored at once."""
        self.now += timedelta(seconds=seconds)
        self.send(*(self.now + ahead - n * self.every for n in range(round(seconds / self.every.total_seconds()))))

    def run(self, seconds: float, *, ahead: timedelta = RIGHT, temperature: float = 60.0) -> list[Insight]:
        """What is said of it while it runs."""
        insights: list[Insight] = []
        until = self.now + timedelta(seconds=seconds)
        while self.now < until:
            self.now += self.every
            insights += self.send(self.now + ahead, temperature=temperature)
        return insights


@pytest.mark.parametrize("ahead", [70 * SECOND, 3 * MINUTE, 290 * SECOND])
def test_a_clock_that_was_ahead_and_is_right_now_costs_no_insight(ahead: timedelta) -> None:
    """Readings up to five minutes ahead are taken; once its clock is right the machine is scored from the first on."""
    machine = MachineWithClock()
    machine.past(400)
    machine.run(60, ahead=ahead)
    machine.past(400, ahead=ahead)
    after = machine.run(100)
    assert len(after) == 100
    assert all(insight.failure_probability is not None for insight in after)


@pytest.mark.slow
def test_what_is_said_then_follows_what_is_measured_then() -> None:
    """Not the readings of the same minutes that the wrong clock gave."""
    machine = MachineWithClock()
    machine.run(600, ahead=4 * MINUTE)
    machine.run(180, temperature=90.0)
    assert machine.run(1, temperature=90.0)[0].failure_probability == pytest.approx(0.9, abs=0.02)


def test_within_the_tolerance_a_minute_is_lost_at_most() -> None:
    """Nobody's clock is right to the second, and a reading may be delivered twice."""
    machine = MachineWithClock()
    machine.run(300, ahead=50 * SECOND)
    assert len(machine.run(120)) >= 70


@pytest.mark.parametrize("back", [2 * MINUTE, HOUR, 23 * HOUR])
def test_a_clock_that_is_set_back_costs_less_than_a_minute(back: timedelta) -> None:
    """An hour that occurs twice, for a machine whose zone is unknown: it has sent readings at these times before."""
    machine = MachineWithClock()
    machine.past(600 if back > HOUR else round(back.total_seconds()) + 300)
    machine.past(120, ahead=-back)
    machine.past(3600)
    assert len(machine.run(120, ahead=-back)) >= 60


def test_a_machine_that_sends_once_a_minute_loses_one_reading() -> None:
    machine = MachineWithClock(every=MINUTE)
    machine.past(7200)
    after = machine.run(1200, ahead=-HOUR)
    assert len(after) == 19


@pytest.mark.slow
def test_readings_that_come_twice_are_scored_once_and_late_ones_move_no_clock() -> None:
    """A gateway delivers its last minutes again, among new readings, and an hour later one that was lost."""
    machine = MachineWithClock()
    machine.run(600)
    again = [machine.now - n * SECOND for n in range(300)]
    assert machine.send(*again) == []
    for _ in range(60):
        machine.now += SECOND
        assert [i.timestamp for i in machine.send(machine.now, machine.now - 100 * SECOND)] == [machine.now]
    assert len(machine.send(NOW - HOUR)) == 1
    assert len(machine.run(60)) == 60


@pytest.mark.slow
def test_two_gateways_of_one_machine_with_different_clocks_do_not_blind_each_other() -> None:
    machine = MachineWithClock()
    for _ in range(300):
        machine.now += SECOND
        stamps = [machine.now, machine.now + 4 * MINUTE]
        assert machine.now in {insight.timestamp for insight in machine.send(*stamps)}


@pytest.mark.slow
def test_an_alarm_that_waits_for_confirmation_does_not_wait_for_the_wrong_clock() -> None:
    """The risk rose a second before the clock was set right: five seconds later it is recommended to look."""
    machine = MachineWithClock()
    machine.run(600, ahead=4 * MINUTE)
    machine.run(240, ahead=4 * MINUTE, temperature=90.0)
    first = next(i for i, insight in enumerate(machine.run(120, temperature=90.0)) if insight.recommendations)
    assert first <= 10


@pytest.mark.slow
def test_over_the_whole_service_a_clock_does_what_it_likes(tmp_path: object) -> None:
    """Ahead by less and by more than is allowed, right, an hour back, right again: no minute without an insight."""
    bus, clock = MemoryBus(), ManualClock(NOW)
    service = build(
        MlSettings(), a_plant(12), bus.source(NAME, TAKES), bus.sink(), registry=CollectorRegistry(), clock=clock
    )
    refused = 0

    def lived(minutes: int, ahead: Callable[[], timedelta]) -> list[int]:
        """Insights by the minute, of our clock."""
        counts = []
        for _ in range(minutes):
            before = len(bus.values(INSIGHTS))
            for _ in range(60):
                clock.advance(1)
                reading = a_reading(timestamp=clock.now() + ahead())
                bus.sink().put(READINGS, reading.device_id, encode(reading))
                service.poll()
            counts.append(len(bus.values(INSIGHTS)) - before)
        return counts

    assert min(lived(5, lambda: RIGHT)) == 60
    assert min(lived(6, lambda: 290 * SECOND)) == 60
    assert min(lived(6, lambda: RIGHT)) == 60
    assert lived(2, lambda: 23 * HOUR) == [refused, refused]
    assert min(lived(3, lambda: RIGHT)) == 60
    assert min(lived(3, lambda: -12 * MINUTE)) >= 29
    assert min(lived(3, lambda: RIGHT)) == 60
    assert parse_insight(bus.values(INSIGHTS)[-1], clock.now()).timestamp == clock.now()
