"""What the historian keeps current in a real database between batches."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from energytrack.clock import ManualClock
from energytrack.machines.state import MachineState
from energytrack.plant import Place, load_plant
from energytrack.store import Store
from testkit.builders.messages import NOW, a_reading, an_event, an_insight
from tests.integration.historian.filings import a_filing, taken

SECOND = timedelta(seconds=1)
PLANT = load_plant(Path(__file__).parents[3] / "plant.toml")


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


def test_readings_have_half_of_a_slow_database(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a turn that took seconds, no other is taken for as long; then it goes on."""
    filing = a_filing(store, clock, devices_per_second="1")
    filing.handle(taken([a_reading(f"cnc-{number:04d}") for number in range(1, 7)]))
    put = store.devices.put

    def slowly(states: Sequence[MachineState], now: datetime) -> None:
        clock.advance(3.0)
        put(states, now)

    monkeypatch.setattr(store.devices, "put", slowly)
    clock.advance(1.0)
    filing.settle()
    assert len(shown(store)) == 1
    clock.advance(2.9)
    filing.settle()
    assert len(shown(store)) == 1
    clock.advance(0.1)
    filing.settle()
    assert len(shown(store)) == 3


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
