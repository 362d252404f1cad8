"""What every service may rely on of the store, on a real database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TypedDict

import pytest

from energytrack.errors import StoreRefused, StoreTooNew, StoreUnavailable
from energytrack.events import EVENT_KINDS
from energytrack.machines.state import MachineState
from energytrack.metering.limits import limits_of
from energytrack.plant import Place
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.learning.models import ModelEntry
from energytrack.store.open import open_store
from energytrack.store.schema import VERSION as SCHEMA_VERSION
from testkit.builders.messages import NOW, a_reading, an_event, an_insight

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Stretch(TypedDict):
    since: datetime
    until: datetime


@pytest.fixture
def store(mongo_uri: str, mongo_database: str) -> Iterator[Store]:
    with closing(a_store(mongo_uri, mongo_database)) as opened:
        opened.prepare()
        yield opened


def a_store(uri: str, database: str, **fields: str) -> Store:
    given = {MongoSettings.variable(name): value for name, value in fields.items()}
    return open_store(
        MongoSettings.from_env({"ENERGYTRACK_MONGO_URI": uri, "ENERGYTRACK_MONGO_DATABASE": database, **given})
    )


class TestReadings:
    def test_what_was_put_comes_back_oldest_first(self, store: Store) -> None:
        """A reading comes back as it was, with every field it had, in time order."""
        full = a_reading(
            device_type="cnc_machine", line="line-a", energy_kwh=48211.337, signals={"flow": 2.5, "vibration 1": None}
        )
        bare = a_reading(timestamp=NOW - SECOND, temperature=None, state=None)
        store.readings.put([full, bare, a_reading("press-0001")])
        assert list(store.readings.stream(["cnc-0007"], since=NOW - HOUR, until=NOW + HOUR)) == [bare, full]

    def test_times_are_aware_and_in_utc(self, store: Store) -> None:
        """Times leave the store as they leave the parser: in UTC itself."""
        store.readings.put([a_reading()])
        (reading,) = store.readings.latest("cnc-0007", 1, until=NOW + HOUR)
        assert reading.timestamp.tzinfo is UTC

    def test_a_reading_put_twice_counts_once(self, store: Store) -> None:
        """Every query counts a (device, timestamp) once."""
        readings = [
            a_reading(timestamp=NOW + i * SECOND, current=float(i), energy_kwh=10.0 + i / 100) for i in range(90)
        ]
        store.readings.put(readings)
        store.readings.put(readings[30:])
        store.readings.put([a_reading("press-0001"), a_reading("press-0001")])
        stretch: Stretch = {"since": NOW, "until": NOW + HOUR}
        assert store.readings.count("cnc-0007", **stretch) == 90
        assert store.readings.counts(**stretch) == {"cnc-0007": 90, "press-0001": 1}
        assert list(store.readings.stream(["cnc-0007"], **stretch)) == readings
        assert list(store.readings.latest("cnc-0007", 3, until=NOW + HOUR)) == readings[:-4:-1]
        first, second = store.readings.intervals(["cnc-0007"], **stretch)
        assert (first.readings, second.readings) == (60, 30)
        assert first.current is not None
        assert (first.current.mean, first.current.lowest, first.current.highest) == (29.5, 0.0, 59.0)
        assert first.current.deviation == pytest.approx(17.318, abs=0.001)
        assert (first.start, second.start) == (NOW, NOW + timedelta(minutes=1))
        assert second.energy_kwh == 10.89
        used = store.readings.used("cnc-0007", limits_of(None), **stretch)
        assert used.joules == pytest.approx(0.89 * 3.6e6)
        assert used.idle_joules == 0.0

    def test_pages_leave_nothing_out(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """However small the pages, and however often readings repeat at their edges, each comes once."""
        monkeypatch.setattr("energytrack.store.telemetry.series.PAGE", 7)
        readings = [a_reading(timestamp=NOW + i * SECOND) for i in range(40)]
        store.readings.put([*readings, *readings[3:20], *[readings[13]] * 20, *readings[30:]])
        assert list(store.readings.stream(["cnc-0007"], since=NOW, until=NOW + HOUR)) == readings
        assert list(store.readings.latest("cnc-0007", 33, until=NOW + HOUR)) == readings[:6:-1]

    def test_the_end_of_a_stretch_belongs_to_the_next(self, store: Store) -> None:
        """[since, until): two stretches that meet count nothing twice, over days as well."""
        store.readings.put([a_reading(timestamp=NOW + i * 12 * HOUR) for i in range(7)])
        assert store.readings.count("cnc-0007", since=NOW, until=NOW + 24 * HOUR) == 2
        assert store.readings.count("cnc-0007", since=NOW, until=NOW + 72 * HOUR) == 6
        assert len(list(store.readings.stream(["cnc-0007"], since=NOW, until=NOW + 73 * HOUR))) == 7
        assert len(list(store.readings.intervals(["cnc-0007"], since=NOW, until=NOW + 73 * HOUR))) == 7

    def test_lost_sensors_leave_no_spread(self, store: Store) -> None:
        """Where every value of a sensor was lost there is no mean; where some were, the others count."""
        store.readings.put(
            [a_reading(temperature=None), a_reading(timestamp=NOW + SECOND, temperature=None, pressure=5.5)]
        )
        (interval,) = store.readings.intervals(["cnc-0007"], since=NOW, until=NOW + HOUR)
        assert interval.temperature is None
        assert interval.pressure is not None
        assert interval.pressure.mean == pytest.approx(5.4)

    def test_the_latest_are_found_however_long_ago(self, store: Store) -> None:
        """A machine that was silent for weeks still shows its last readings; an unknown one shows none."""
        old = a_reading(timestamp=NOW - timedelta(days=40))
        store.readings.put([old])
        assert store.readings.latest("cnc-0007", 5, until=NOW) == (old,)
        assert store.readings.latest("cnc-9999", 5, until=NOW) == ()

    def test_what_is_too_old_goes(self, store: Store) -> None:
        """Where the server does not expire by itself, a device's readings past the limit go, and only those."""
        assert not store.link.expires()
        store.readings.put([a_reading(timestamp=NOW + i * HOUR) for i in range(10)])
        store.readings.put([a_reading("press-0001")])
        assert store.readings.expire("cnc-0007", now=NOW + 4 * HOUR + timedelta(days=90)) == 4
        assert store.readings.counts(since=NOW, until=NOW + 24 * HOUR) == {"cnc-0007": 6, "press-0001": 1}


class TestInsights:
    def test_what_was_put_comes_back(self, store: Store) -> None:
        """An insight comes back as it was, and one that is filed twice counts once."""
        likely, unknown = an_insight(), an_insight(timestamp=NOW - SECOND, failure_probability=None, prediction=None)
        store.insights.put([likely, unknown], lambda _: Place("cnc_machine", "line-a"))
        store.insights.put([likely], lambda _: Place())
        assert store.insights.latest("cnc-0007", 5, until=NOW + HOUR) == (likely, unknown)
        assert list(store.insights.stream(["cnc-0007"], since=NOW - HOUR, until=NOW + HOUR)) == [unknown, likely]
        assert store.insights.count("cnc-0007", since=NOW, until=NOW + HOUR) == 1


class TestEvents:
    def test_each_kind_comes_back_once(self, store: Store) -> None:
        """Events of every kind come back as they were, once, in time order."""
        events = [an_event(kind, timestamp=NOW + i * SECOND) for i, kind in enumerate(EVENT_KINDS)]
        store.events.put(events[::-1])
        store.events.put(events)
        stretch: Stretch = {"since": NOW, "until": NOW + HOUR}
        assert list(store.events.of_device("cnc-0007", **stretch)) == events
        assert list(store.events.of_kinds(**stretch)) == events
        assert [event.device_id for event in store.events.of_kinds(**stretch, kinds=["failure"])] == ["cnc-0007"]

    def test_the_latest_of_each_kind_and_label_is_known(self, store: Store) -> None:
        """Of failures, warnings and repairs, the latest of each mode, code and component of the machines asked for."""
        store.events.put(
            [
                *(an_event("failure", event_id=f"f{i}", timestamp=NOW + i * SECOND) for i in range(3)),
                an_event("maintenance_done", event_id="m", timestamp=NOW),
                an_event("state_changed", event_id="s", timestamp=NOW),
                an_event("failure", "press-0001", event_id="other", timestamp=NOW),
            ]
        )
        found = store.events.latest(["cnc-0007"], since=NOW - HOUR)
        assert {(each.device_id, each.kind, each.at) for each in found} == {
            ("cnc-0007", "failure", NOW + 2 * SECOND),
            ("cnc-0007", "maintenance_done", NOW),
        }
        assert store.events.latest(["cnc-0007"], since=NOW + HOUR) == ()


class TestDevices:
    def test_a_machine_never_goes_back_in_time(self, store: Store) -> None:
        """An older document changes nothing, a newer one replaces the parts it brings."""
        newer = MachineState("cnc-0007", "cnc_machine", "line-a", reading=a_reading(timestamp=NOW + SECOND))
        store.devices.put([newer], NOW)
        store.devices.put([MachineState("cnc-0007", reading=a_reading(), insight=an_insight())], NOW)
        assert store.devices.get("cnc-0007") == newer
        store.devices.put(
            [
                MachineState("cnc-0007", insight=an_insight()),
                MachineState("press-0001", reading=a_reading("press-0001")),
            ],
            NOW,
        )
        first, second = store.devices.all()
        assert (first.reading, first.insight, first.line) == (newer.reading, an_insight(), "line-a")
        assert (second.device_id, second.device_type, second.insight) == ("press-0001", None, None)

    def test_one_timestamp_hours_ahead_does_not_freeze_a_machine(self, store: Store) -> None:
        """What a clock that runs ahead has filed gives way to what a sane one says, and never the other way round."""
        ahead = MachineState("cnc-0007", reading=a_reading(timestamp=NOW + timedelta(hours=20)))
        sane = MachineState("cnc-0007", reading=a_reading(timestamp=NOW + SECOND))
        store.devices.put([ahead], NOW)
        store.devices.put([sane], NOW + SECOND)
        assert store.devices.get("cnc-0007") == sane
        store.devices.put([MachineState("cnc-0007", reading=a_reading())], NOW + SECOND)
        assert store.devices.get("cnc-0007") == sane

    def test_the_state_is_the_newest_word(self, store: Store) -> None:
        """A reading's state holds until a change of state that is newer."""
        change = an_event("state_changed", timestamp=NOW + SECOND, state="failed")
        latest = MachineState("cnc-0007", reading=a_reading(), change=change)  # type: ignore[arg-type]
        store.devices.put([latest], NOW)
        assert store.devices.get("cnc-0007") == latest
        assert latest.state == "failed"


class TestModels:
    def test_a_model_comes_back_byte_by_byte(self, store: Store) -> None:
        """A registered model has its card and its file."""
        entry = ModelEntry("v1", NOW, card='{"threshold": 0.4}', sha256="00")
        store.models.put(entry, b"\x00" * 300_000)
        assert store.models.recent(3) == (entry,)
        assert store.models.artifact("v1") == b"\x00" * 300_000
        assert store.models.artifact("v2") is None


def test_services_may_prepare_at_once(mongo_uri: str, mongo_database: str) -> None:
    """Four services that start together on an empty database, then one with other limits, all find it prepared."""
    stores = [a_store(mongo_uri, mongo_database) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Store.prepare, stores))
    stores.append(a_store(mongo_uri, mongo_database, readings_days="7"))
    stores[-1].prepare()
    stores[0].readings.put([a_reading()])
    assert stores[-1].readings.count("cnc-0007", since=NOW, until=NOW + HOUR) == 1
    for store in stores:
        store.close()


def test_no_driver_error_leaves_the_store() -> None:
    """A server that is away is StoreUnavailable with its address; an address that is none is StoreRefused."""
    with closing(a_store("mongodb://user:secret@127.0.0.1:1/?serverSelectionTimeoutMS=100", "nowhere")) as store:
        with pytest.raises(StoreUnavailable) as caught:
            store.ping()
        assert caught.value.address == "127.0.0.1:1"
        assert "secret" not in str(caught.value)
    with pytest.raises(StoreRefused):
        a_store("http://127.0.0.1", "nowhere")


def test_data_of_a_newer_release_are_refused_with_a_sentence(store: Store) -> None:
    """A service of an older release does not start on them, and says what to do."""
    store.schema.claim(version=SCHEMA_VERSION + 1)
    with pytest.raises(StoreTooNew, match=r"written by a newer release .* restore a backup"):
        store.prepare()


def test_data_of_an_older_release_are_taken_over(store: Store) -> None:
    assert store.schema.claim(version=SCHEMA_VERSION) == SCHEMA_VERSION
    with pytest.raises(StoreTooNew):
        store.schema.claim(version=SCHEMA_VERSION - 1)  # what the older one would hear
    store.prepare()
