"""What the historian keeps current in a real database between batches."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from prometheus_client import CollectorRegistry

from energytrack.bus import Record
from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.consume import Taken
from energytrack.messages import Message
from energytrack.plant import Place, load_plant
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from historian.composition import TAKES, build
from historian.filing import Filing
from historian.retention import Retention
from historian.settings import HistorianSettings
from testkit.builders import NOW, a_reading, an_event, an_insight

SECOND = timedelta(seconds=1)
PLANT = load_plant(Path(__file__).parents[2] / "plant.toml")


@pytest.fixture
def store(mongo_uri: str, mongo_database: str) -> Iterator[Store]:
    env = {"ENERGYTRACK_MONGO_URI": mongo_uri, "ENERGYTRACK_MONGO_DATABASE": mongo_database}
    with closing(open_store(MongoSettings.from_env(env))) as opened:
        opened.prepare()
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


def a_filing(store: Store, clock: ManualClock, **settings: str) -> Filing:
    bus = MemoryBus()
    return build(
        HistorianSettings.from_env({HistorianSettings.variable(name): value for name, value in settings.items()}),
        PLANT,
        store,
        bus.source("historian", TAKES),
        bus.sink(),
        registry=CollectorRegistry(),
        clock=clock,
        stop=Event(),
    ).filing


def taken(messages: Sequence[Message]) -> list[Taken]:
    return [Taken(Record("any", 0, i, None, None), message) for i, message in enumerate(messages)]


def shown(store: Store) -> dict[str, str | None]:
    return {latest.device_id: latest.state for latest in store.devices.all()}


def test_latest_states_keep_to_their_budget_and_changes_go_first(store: Store, clock: ManualClock) -> None:
    """Two updates a second: a failed machine overtakes those that wait, and in time all are shown."""
    filing = a_filing(store, clock, devices_per_second="2")
    names = [f"cnc-{i:04d}" for i in range(1, 7)]
    filing.handle(taken([a_reading(name) for name in names]))
    for expected in (1, 2, 3, 4, 5, 6):
        clock.advance(0.5)
        filing.settle()
        assert len(shown(store)) == expected
    filing.handle(taken([a_reading(name, timestamp=NOW + SECOND) for name in names]))
    filing.handle(taken([an_event("state_changed", "cnc-0005", timestamp=NOW + 2 * SECOND, state="failed")]))
    clock.advance(0.5)
    filing.settle()
    assert [name for name, state in shown(store).items() if state == "failed"] == ["cnc-0005"]


def test_before_a_stop_everything_is_shown(store: Store, clock: ManualClock) -> None:
    filing = a_filing(store, clock, devices_per_second="1")
    filing.handle(taken([a_reading(f"cnc-{i:04d}") for i in range(1, 31)]))
    filing.finish()
    assert len(shown(store)) == 30


def test_a_machine_that_falls_silent_is_forgotten_and_its_past_is_not(store: Store, clock: ManualClock) -> None:
    filing = a_filing(store, clock, forget_after_hours="1")
    filing.handle(taken([a_reading()]))
    clock.advance(3700)
    filing.settle()
    assert len(filing.board) == 0
    filing.handle(taken([a_reading(timestamp=NOW + timedelta(hours=2))]))
    assert store.readings.count("cnc-0007", since=NOW, until=NOW + timedelta(days=1)) == 2


def test_an_insight_is_filed_where_its_machine_stands(store: Store, clock: ManualClock) -> None:
    """Type and line come from the readings, or else from plant.toml."""
    filing = a_filing(store, clock)
    filing.handle(taken([a_reading("lathe-9", device_type="lathe", line="annex"), an_insight("lathe-9"), an_insight()]))
    places = {
        document["device"]["id"]: Place(document["device"]["type"], document["device"]["line"])
        for document in store.link.collection("insights").find()
    }
    assert places == {"lathe-9": Place("lathe", "annex"), "cnc-0007": Place("cnc_machine", "machining-a")}


def test_what_is_past_its_limit_goes_machine_by_machine(store: Store, clock: ManualClock) -> None:
    """On a server that keeps everything, readings and insights of 90 days stay, older ones go."""
    old = NOW - timedelta(days=91)
    for name in ("cnc-0001", "cnc-0002"):
        store.readings.put([a_reading(name), a_reading(name, timestamp=old)])
        store.insights.put([an_insight(name), an_insight(name, timestamp=old)], lambda _: Place())
    filing = a_filing(store, clock)
    filing.handle(taken([a_reading("cnc-0001"), a_reading("cnc-0002")]))
    filing.finish()
    retention = Retention(store, clock=clock)
    gone = []
    for _ in range(6):
        gone.append(retention.turn())
        clock.advance(2)
    clock.advance(60)
    gone += [retention.turn()]
    clock.advance(2)
    gone += [retention.turn()]
    assert sum(gone) == 4
    assert max(gone) == 2
    assert store.readings.counts(since=old, until=NOW + SECOND) == {"cnc-0001": 1, "cnc-0002": 1}


def test_a_retired_machine_is_brought_to_the_store_no_more(store: Store, clock: ManualClock) -> None:
    """Its event is history; it is in no list until it sends again."""
    filing = a_filing(store, clock)
    filing.handle(taken([a_reading(), an_event("machine_retired")]))
    clock.advance(60.0)
    filing.settle()
    assert store.devices.ids() == ()
    assert len(list(store.events.of_device("cnc-0007", since=NOW - SECOND, until=NOW + SECOND))) == 1
    filing.handle(taken([a_reading(timestamp=NOW + SECOND)]))
    clock.advance(60.0)
    filing.settle()
    assert store.devices.ids() == ("cnc-0007",)
