"""The historian's meters in a real database: what it counts survives a kill, and findings are told once."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from prometheus_client import CollectorRegistry

from energytrack.bus import Record
from energytrack.clock import ManualClock
from energytrack.consume import Taken
from energytrack.messages import DeviceEvent, MeterExchanged, Reading
from energytrack.plant import load_plant
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from energytrack.store.retrying import RetryPolicy
from energytrack.telemetry import Stage
from historian.filing import Filing
from historian.settings import HistorianSettings
from testkit.builders import NOW, a_reading

PLANT = load_plant(Path(__file__).parents[3] / "plant.toml")


@pytest.fixture
def store(mongo_uri: str, mongo_database: str) -> Iterator[Store]:
    env = {"ENERGYTRACK_MONGO_URI": mongo_uri, "ENERGYTRACK_MONGO_DATABASE": mongo_database}
    with closing(open_store(MongoSettings.from_env(env))) as opened:
        opened.prepare()
        yield opened


def a_filing(store: Store, clock: ManualClock, told: list[DeviceEvent]) -> Filing:
    registry = CollectorRegistry()
    return Filing(
        store, PLANT, HistorianSettings(meter_every_seconds=0),
        persist=RetryPolicy(stop=Event(), clock=clock, registry=registry),
        stage=Stage("historian", registry, takes=(), puts=()), clock=clock, tell=told.append,
    )  # fmt: skip


def batch(readings: list[Reading]) -> list[Taken]:
    return [Taken(Record("any", 0, i, None, None), reading) for i, reading in enumerate(readings)]


def test_a_reset_counts_once_whenever_the_historian_is_killed(store: Store) -> None:
    """48211.0, then 0.0, 0.2 ... 5.0: a new historian after every batch takes up the stored meter, or an older one."""
    clock, told = ManualClock(NOW), list[DeviceEvent]()
    values = [48211.0, *(round(0.2 * n, 1) for n in range(26))]
    readings = [a_reading(timestamp=NOW + timedelta(seconds=144 * n), energy_kwh=kwh) for n, kwh in enumerate(values)]
    for n in range(len(readings)):
        filing = a_filing(store, clock, told)
        filing.handle(batch(readings[max(0, n - 3) : n + 1]))  # what was not committed comes again
        clock.advance(1)
        if n % 3 != 1:  # otherwise it is killed before it could store the meter
            filing.settle()
    kept = store.meters.get(["cnc-0007", "cnc-0008"])["cnc-0007"]
    assert (kept.totals.billed - kept.totals.opening) / 3.6e6 == pytest.approx(5.0)
    assert {event.event_id for event in told} == {told[0].event_id}
    assert isinstance(told[0], MeterExchanged)
    assert (told[0].before_kwh, told[0].after_kwh) == (48211.0, 0.0)


def test_an_older_meter_never_replaces_a_newer_one(store: Store) -> None:
    """Two historians that share out machines anew may both store one."""
    clock = ManualClock(NOW)
    newer, older = a_filing(store, clock, []), a_filing(store, clock, [])
    older.handle(batch([a_reading(energy_kwh=10.0)]))
    newer.handle(batch([a_reading(energy_kwh=10.0), a_reading(timestamp=NOW + timedelta(minutes=1), energy_kwh=10.1)]))
    newer.finish()
    older.finish()
    assert store.meters.get(["cnc-0007"])["cnc-0007"].at == (NOW + timedelta(minutes=1)).timestamp()
