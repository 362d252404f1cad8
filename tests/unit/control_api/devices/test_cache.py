"""The fleet at a glance is read once for many."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from control_api.devices.cache import FleetCache
from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
from energytrack.machine_state import MachineState
from testkit.builders import NOW


class Shelf:
    """A store that counts how often it is read."""

    def __init__(self) -> None:
        self.read = 0
        self.away = False
        self.open = threading.Event()
        self.open.set()

    def all(self) -> tuple[MachineState, ...]:
        self.open.wait(10)
        if self.away:
            raise StoreUnavailable("nowhere", "away")
        self.read += 1
        return (MachineState(f"cnc-{self.read:04d}"),)


def test_it_is_read_again_after_a_second() -> None:
    """And not before."""
    shelf, clock = Shelf(), ManualClock(NOW)
    glance = FleetCache(shelf.all, clock)
    first = glance.all()
    clock.advance(0.9)
    assert glance.all() is first
    clock.advance(0.2)
    assert glance.all() != first
    assert shelf.read == 2


def test_who_comes_while_it_is_read_waits_for_that() -> None:
    """Twenty pages at once are one reading."""
    shelf, clock = Shelf(), ManualClock(NOW)
    shelf.open.clear()
    glance = FleetCache(shelf.all, clock)
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(glance.all) for _ in range(20)]
        shelf.open.set()
        assert len({one.result() for one in asked}) == 1
    assert shelf.read == 1


def test_while_the_store_is_away_nothing_old_is_shown() -> None:
    """Whoever asks is told; afterwards it goes on."""
    shelf, clock = Shelf(), ManualClock(NOW)
    glance = FleetCache(shelf.all, clock)
    glance.all()
    shelf.away = True
    clock.advance(2)
    with pytest.raises(StoreUnavailable):
        glance.all()
    shelf.away = False
    assert glance.all() == (MachineState("cnc-0002"),)
