"""What the network does to readings."""

import numpy as np

from simulator.readings import Outgoing
from simulator.transport import DelayedReading, Faults, carry

FRESH = [Outgoing(f"cnc-{i:04d}", b"%d" % i) for i in range(1, 1001)]


def carried(
    faults: Faults, held: list[DelayedReading] | None = None, *, at_ms: int = 0
) -> tuple[list[DelayedReading], list[Outgoing]]:
    return carry(held or [], FRESH, faults=faults, at_ms=at_ms, interval_ms=1000, rng=np.random.default_rng(1))


def test_a_good_network_delivers_all_in_order() -> None:
    """Nothing is held."""
    assert carried(Faults(0.0, 0.0, 0.0)) == ([], FRESH)


def test_late_readings_arrive_later_and_none_is_lost() -> None:
    """Every reading arrives once."""
    held, arrived = carried(Faults(late=0.1, duplicate=0.0, out_of_order=0.0))
    assert 50 < len(held) < 150
    assert sorted([*arrived, *(h.reading for h in held)]) == FRESH
    assert min(h.due_ms for h in held) >= 1000


def test_duplicates_arrive_twice() -> None:
    """The second behind all others."""
    held, arrived = carried(Faults(late=0.0, duplicate=0.1, out_of_order=0.0))
    assert not held
    assert arrived[:1000] == FRESH
    assert 50 < len(arrived) - 1000 < 150


def test_out_of_order_means_after_the_next_reading_of_the_machine() -> None:
    """It arrives with the next tick, behind what is fresh then."""
    held, _ = carried(Faults(late=0.0, duplicate=0.0, out_of_order=0.1))
    later, arrived = carried(Faults(0.0, 0.0, 0.0), held, at_ms=1000)
    assert later == []
    assert arrived == [*FRESH, *(h.reading for h in held)]
