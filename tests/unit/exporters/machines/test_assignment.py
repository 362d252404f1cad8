"""Which partitions are this replica's."""

from energytrack.clock import ManualClock
from energytrack.topics import READINGS
from exporters.machines.assignment import BETWEEN, Partitions, WatchedSource
from testkit.builders.messages import NOW


def test_no_partitions_for_a_moment_is_not_the_loss_of_all_devices() -> None:
    class Between:
        held: Partitions = frozenset({(READINGS, 0)})

        def take(self, limit: int, wait: float) -> tuple[()]:
            return ()

        def set_aside(self) -> tuple[()]:
            return ()

        def commit(self) -> None: ...

        def close(self) -> None: ...

        def partitions(self) -> Partitions:
            return self.held

    behind, clock = Between(), ManualClock(NOW)
    assigned: list[Partitions] = []
    source = WatchedSource(behind, assigned.append, clock)
    source.take(1, 0.0)
    behind.held = frozenset()
    source.take(1, 0.0)
    clock.advance(BETWEEN.total_seconds())
    source.take(1, 0.0)
    assert assigned == [frozenset({(READINGS, 0)})]
    clock.advance(1)
    source.take(1, 0.0)
    assert assigned == [frozenset({(READINGS, 0)}), frozenset()]
