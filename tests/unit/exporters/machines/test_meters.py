"""Meters that the historian left in the store; over a real one in tests/integration."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import cast

import pytest
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
from energytrack.metering.values import Meter
from energytrack.store import Store
from exporters.machines.meters import StoredMeters
from exporters.machines.store_queries import AGAIN_SECONDS, PATIENCE_SECONDS, StoreQueries
from testkit.builders.messages import NOW, a_reading
from testkit.exporters.devices import PLANT, a_fleet


class StoreOfOneMeter:
    """A store with one meter, which can be away."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0
        self.patience = 0.0
        self.meters = self
        self.readings = self
        self.indexed = False
        """Nothing is counted again here."""
        meter = a_fleet(a_reading(energy_kwh=48211.0)).snapshot(NOW).known[0].meter
        assert meter is not None
        self.kept = {"cnc-0007": meter}

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        self.patience = seconds
        yield

    def get(self, device_ids: Collection[str]) -> Mapping[str, Meter]:
        self.asked += 1
        if self.away:
            raise StoreUnavailable("db:27017", "away")
        return {name: meter for name, meter in self.kept.items() if name in device_ids}


@pytest.fixture
def store() -> StoreOfOneMeter:
    return StoreOfOneMeter()


def test_it_is_counted_which_meters_go_on_and_which_begin_again(store: StoreOfOneMeter) -> None:
    registry = CollectorRegistry()
    clock = ManualClock(NOW)
    stored = StoredMeters(StoreQueries(cast(Store, store), clock), PLANT, clock, registry)
    assert stored(["cnc-0007", "cnc-0008"]) == {**store.kept, "cnc-0008": None}
    for begun in ("stored", "new"):
        assert registry.get_sample_value("energytrack_exporter_meters_total", {"begun": begun}) == 1


def test_a_store_that_is_away_is_not_waited_for_again_and_again(store: StoreOfOneMeter) -> None:
    """Panels are not kept waiting: nothing is known of any meter for a while, then it is asked again."""
    clock = ManualClock(NOW)
    stored = StoredMeters(StoreQueries(cast(Store, store), clock), PLANT, clock, CollectorRegistry())
    store.away = True
    assert stored(["cnc-0007"]) == {}
    assert store.patience == PATIENCE_SECONDS
    clock.advance(AGAIN_SECONDS - 1)
    assert stored(["cnc-0007"]) == {}
    assert store.asked == 1
    store.away = False
    clock.advance(1)
    assert stored(["cnc-0007"]) == store.kept
