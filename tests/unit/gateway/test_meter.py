"""A meter is read at least twice, for as long as asked."""

from gateway.meter import watch
from gateway.physics.finding import MeterSnapshot
from gateway.profile import MeterProfile, load
from testkit.gateways.meter_values import at_work


class Steady:
    """Shows the same at any time."""

    def snapshot(self, profile: MeterProfile, seconds: float) -> MeterSnapshot:
        return MeterSnapshot(seconds, at_work())


def seconds_of(asked: float) -> list[float]:
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    taken = watch(Steady(), load("eastron-sdm630"), asked, clock=lambda: now[0], sleep=sleep)
    return [snapshot.seconds for snapshot in taken]


def test_twice_at_least() -> None:
    assert seconds_of(0.0) == [0.0, 1.0]


def test_until_the_time_is_over() -> None:
    assert seconds_of(3.0) == [0.0, 1.0, 2.0, 3.0]
