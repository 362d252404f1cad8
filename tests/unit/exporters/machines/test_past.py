"""What happened before an exporter started; over a real store in tests/contract and tests/integration."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast

import pytest

from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
from energytrack.store import Store
from energytrack.store.telemetry.events import LatestEvent
from exporters.machines.past import StoredPast
from exporters.machines.store_queries import AGAIN_SECONDS, AT_ONCE, StoreQueries
from testkit.builders.messages import NOW

FAILED = LatestEvent("cnc-0007", "failure", "bearing_wear", NOW - timedelta(hours=2))


class StoreOfOneFailure:
    """A store with one failure, which can be away."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0
        self.most = 1000
        """Questions that it answers."""
        self.events = self

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        yield

    def latest(self, device_ids: Collection[str], *, since: datetime) -> tuple[LatestEvent, ...]:
        self.asked += 1
        if self.away or self.asked > self.most:
            raise StoreUnavailable("db:27017", "away")
        return tuple(each for each in (FAILED,) if each.device_id in device_ids and each.at >= since)


@pytest.fixture
def store() -> StoreOfOneFailure:
    return StoreOfOneFailure()


def test_what_happened_is_found_by_machine(store: StoreOfOneFailure) -> None:
    clock = ManualClock(NOW)
    past = StoredPast(StoreQueries(cast(Store, store), clock), clock)
    assert past(["cnc-0007", "cnc-0008"]) == {"cnc-0007": [FAILED], "cnc-0008": []}


def test_a_store_that_is_away_is_asked_again_later(store: StoreOfOneFailure) -> None:
    clock = ManualClock(NOW)
    past = StoredPast(StoreQueries(cast(Store, store), clock), clock)
    store.away = True
    assert past(["cnc-0007"]) == {}
    store.away = False
    assert past(["cnc-0007"]) == {}
    assert store.asked == 1
    clock.advance(AGAIN_SECONDS + 1)
    assert past(["cnc-0007"]) == {"cnc-0007": [FAILED]}


def test_what_was_answered_of_a_large_plant_is_kept_where_the_rest_is_late(store: StoreOfOneFailure) -> None:
    """Otherwise a database that is too slow for all of them would be asked from the beginning again for ever."""
    clock = ManualClock(NOW)
    past = StoredPast(StoreQueries(cast(Store, store), clock), clock)
    names = [f"cnc-{number:04d}" for number in range(3 * AT_ONCE)]
    store.most = 1
    answered = past(names)
    assert answered == {name: [FAILED] if name == "cnc-0007" else [] for name in names[:AT_ONCE]}
    store.most = 1000
    clock.advance(AGAIN_SECONDS)
    assert past([name for name in names if name not in answered]).keys() == set(names[AT_ONCE:])
