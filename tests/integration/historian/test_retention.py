"""What is past its limit goes from a real database."""

from datetime import timedelta
from pathlib import Path

import pytest

from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
from energytrack.plant import Place, load_plant
from energytrack.store import Store
from historian.retention import Retention
from testkit.builders.messages import NOW, a_reading, an_insight
from tests.integration.historian.filings import a_filing, taken

SECOND = timedelta(seconds=1)
PLANT = load_plant(Path(__file__).parents[3] / "plant.toml")


def test_what_is_past_its_limit_goes_machine_by_machine(store: Store, clock: ManualClock) -> None:
    """On a server that keeps everything, readings and insights of 90 days stay, older ones go."""
    old = NOW - timedelta(days=91)
    for name in ("cnc-0001", "cnc-0002"):
        store.readings.put([a_reading(name), a_reading(name, timestamp=old)])
        store.insights.put([an_insight(name), an_insight(name, timestamp=old)], lambda _: Place())
    filing = a_filing(store, clock)
    filing.handle(taken([a_reading("cnc-0001"), a_reading("cnc-0002")]))
    filing.finish()
    retention = Retention(store, clock=clock, ledger_years=5)
    gone = []
    for _ in range(6):
        gone.append(retention.run_once())
        clock.advance(2)
    clock.advance(60)
    gone += [retention.run_once()]
    clock.advance(2)
    gone += [retention.run_once()]
    assert sum(gone) == 4
    assert max(gone) == 2
    assert store.readings.counts(since=old, until=NOW + SECOND) == {"cnc-0001": 1, "cnc-0002": 1}


def test_a_database_that_is_away_is_left_to_the_next_turn(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filing goes on meanwhile."""
    a_filing(store, clock).handle(taken([a_reading("cnc-0001")]))
    store.readings.put([a_reading("cnc-0001", timestamp=NOW - timedelta(days=91))])

    def away(_device_id: str, *, now: object) -> int:
        raise StoreUnavailable("nowhere", str(now))

    retention = Retention(store, clock=clock, ledger_years=5)
    with monkeypatch.context() as patched:
        patched.setattr(store.readings, "expire", away)
        assert retention.run_once() == 0
