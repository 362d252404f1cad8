"""What machines used before, in a real database."""

from datetime import timedelta

import pytest

from energytrack.importer.choices import Choices
from energytrack.importer.content import Content
from energytrack.importer.destinations.past import past_if_known, past_of
from energytrack.importer.reader import read_bytes
from energytrack.metering.limits import Limits
from energytrack.metering.step import step
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from testkit.builders.import_files import columns, starts
from testkit.builders.ledger import a_day
from testkit.builders.messages import a_reading
from testkit.builders.plants import a_plant
from testkit.dates import MONDAY

ONE = timedelta(days=1)
PLANT = a_plant()


def a_file(machine: str) -> Content:
    text = columns(starts(MONDAY, 1), "%Y-%m-%dT%H:%M%z")
    return read_bytes(
        text.encode(), "m.csv", Choices(device=machine, values="interval", labels="begin"), plant_zone="Europe/Berlin"
    )


def test_the_quarter_hours_around_a_file_are_its_machines_past(store: Store) -> None:
    """Those without energy, and those of other months, say nothing of what it usually uses."""
    whole = dict.fromkeys(range(96), 2.0)
    days = [MONDAY - ONE, MONDAY + 2 * ONE]
    store.ledger.put([a_day("saw-7", day, measured_kwh=whole | {3: 0.0, 4: 5.0}) for day in days])
    store.ledger.put([a_day("saw-7", MONDAY - 90 * ONE, measured_kwh=dict.fromkeys(range(96), 9.0))])
    past = past_of(store, PLANT, a_file("saw-7"), {"saw-7"})["saw-7"]
    assert (past.usual_watts, past.habits.most_watts) == (8000.0, 20_000.0)


def test_little_of_a_past_says_nothing_usual(store: Store) -> None:
    store.ledger.put([a_day("saw-7", MONDAY - ONE, measured_kwh={3: 2.0})])
    past = past_of(store, PLANT, a_file("saw-7"), {"saw-7"})["saw-7"]
    assert (past.usual_watts, past.habits.most_watts) == (None, 0.0)


def test_the_highest_current_of_live_readings_is_known(store: Store) -> None:
    reading = a_reading(device_id="saw-7", current=12.5)
    store.meters.put([("saw-7", step(None, reading, Limits()).meter)])
    assert past_of(store, PLANT, a_file("saw-7"), {"saw-7"})["saw-7"].habits.most_amperes == pytest.approx(12.5)


def test_a_main_meter_has_a_past_of_its_own(store: Store) -> None:
    """In the ledger of plant meters; a machine is none of them."""
    (meter, *_) = PLANT.meters
    whole = dict.fromkeys(range(96), 200.0)
    store.of_meters().ledger.put([a_day(meter, MONDAY - n * ONE, measured_kwh=whole) for n in (1, 2)])
    assert past_of(store, PLANT, a_file(meter), {meter})[meter].usual_watts == pytest.approx(800_000.0)


def test_without_a_database_nothing_is_known() -> None:
    """That it is away is said before anything is stored."""
    closed = open_store(
        MongoSettings.from_env({"ENERGYTRACK_MONGO_URI": "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300"})
    )
    assert past_if_known(closed, PLANT, a_file("saw-7"), {"saw-7"}) == {}
    assert past_of(closed, PLANT, a_file("saw-7"), ()) == {}, "where nobody needs it, nothing is asked"
    closed.close()
