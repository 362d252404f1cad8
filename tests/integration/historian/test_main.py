"""The historian between a real broker and a real database: nothing is lost, nothing counts twice, whoever dies."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from energytrack.bus import Bus, Record
from energytrack.events import EVENT_KINDS
from energytrack.ledger.day import Day
from energytrack.messages import Message, Reading, encode
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from energytrack.topics import DEAD_LETTERS, EVENTS, INSIGHTS, READINGS
from local.lifecycle.child import Child
from local.services.definition import HttpAnswers, ServiceDefinition
from local.services.mongo import mongo_uri as mongo_uri_of
from local.site import Site
from testkit.builders.messages import a_reading, an_event, an_insight
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, mongo_running, started

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
"""The historian runs on the real clock: messages from another year would be malformed, or past their limit."""
DEVICES = [f"cnc-{i:04d}" for i in range(1, 41)]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def store(mongo_env: Mapping[str, str]) -> Iterator[Store]:
    with closing(open_store(MongoSettings.from_env(mongo_env))) as opened:
        yield opened


def historian(site: Site, *environments: Mapping[str, str], **settings: str) -> ServiceDefinition:
    env = {f"ENERGYTRACK_HISTORIAN_{name.upper()}": value for name, value in settings.items()}
    for environment in environments:
        env |= environment
    port = site.ports.historian
    return ServiceDefinition(
        name="historian",
        purpose="under test",
        command=(sys.executable, "-m", "historian"),
        ready=HttpAnswers(f"http://127.0.0.1:{port}/healthz"),
        ports=("historian",),
        env={**env, "ENERGYTRACK_METRICS_PORT": str(port), "ENERGYTRACK_LOG_LEVEL": "info"},
    )


def publish(bus: Bus, topic: str, messages: Sequence[Message]) -> None:
    with closing(bus.sink()) as sink:
        for message in messages:
            sink.put(topic, message.device_id, encode(message))
        sink.flush()


def seconds_of_plant(seconds: int, *, start: int = 0) -> list[Reading]:
    return [
        a_reading(device_id, timestamp=NOW + i * SECOND, current=float(i % 50))
        for i in range(start, start + seconds)
        for device_id in DEVICES
    ]


def counted(store: Store) -> int:
    return sum(store.readings.counts(since=NOW - DAY, until=NOW + DAY).values())


def metrics(site: Site) -> dict[tuple[str, ...], float]:
    with urlopen(f"http://127.0.0.1:{site.ports.historian}/metrics", timeout=seconds_here(5)) as page:
        text = page.read().decode()
    return {
        (sample.name, *(value for name, value in sample.labels.items() if name != "stage")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("energytrack_pipeline")
    }


def test_what_machines_and_models_say_is_filed(
    bus: Bus, kafka_env: Mapping[str, str], mongo_env: Mapping[str, str], store: Store, site: Site
) -> None:
    """Readings each once, insights that are news, events; an unknown device too; poison goes to the dead letters."""
    readings = seconds_of_plant(20)
    stranger = a_reading("lathe-9", line="annex", timestamp=NOW)
    publish(bus, READINGS, [*readings, *readings[:100], stranger])
    insights = [
        an_insight(timestamp=NOW + i * SECOND, scored_at=NOW, failure_probability=0.5 + (i >= 15) * 0.2)
        for i in range(30)
    ]
    publish(bus, INSIGHTS, insights)
    kinds = [kind for kind in EVENT_KINDS if kind != "machine_retired" and not kind.startswith("parts_")]
    events = [an_event(kind, timestamp=NOW + i * SECOND) for i, kind in enumerate(kinds)]
    made, corrected = (an_event(f"parts_{kind}", timestamp=NOW) for kind in ("finished", "corrected"))
    retired = an_event("machine_retired", "gone-1", timestamp=NOW)
    publish(bus, EVENTS, [*events, *events, retired, made, corrected, made])
    poison = [b"\xff\x00", b"{}", b'{"device_id":"cnc-0001","timestamp":"yesterday","temperature":NaN}']
    with closing(bus.sink()) as sink:
        for raw in poison:
            sink.put(READINGS, "cnc-0001", raw)
    with started(historian(site, kafka_env, mongo_env), site) as child:
        eventually(lambda: metrics(site)["energytrack_pipeline_received_total", READINGS] == len(readings) + 104, 30)
        eventually(lambda: len(dead_letters(bus)) == 3)
        eventually(lambda: metrics(site).get(("energytrack_pipeline_emitted_total", "devices"), 0) >= 41)
        eventually(lambda: sum(day.sums().parts for day in days_of(store, "cnc-0007")) == 11.0)
        assert child.terminate() == 0
    stretch = {"since": NOW - DAY, "until": NOW + DAY}
    assert Counter(store.readings.counts(**stretch).values()) == {20: 40, 1: 1}
    assert list(store.readings.stream(["lathe-9"], **stretch)) == [stranger]
    (first,) = store.readings.latest("cnc-0001", 1, until=NOW + SECOND)
    assert (first.device_type, first.line) == ("cnc_machine", "machining-a")
    assert list(store.insights.stream(["cnc-0007"], **stretch)) == [insights[0], insights[15]]
    assert list(store.events.of_device("cnc-0007", since=stretch["since"], until=stretch["until"])) == events
    assert list(store.events.of_device("gone-1", since=stretch["since"], until=stretch["until"])) == [retired]
    assert store.devices.get("gone-1") is None
    (lot,) = store.finished_parts.lots("cnc-0007", NOW.timestamp() - 1, NOW.timestamp())
    assert (lot.parts, lot.scrap) == (11.0, 1.0)
    latest = store.devices.get("cnc-0007")
    assert latest is not None
    assert latest.insight == insights[-1]
    assert latest.reading is not None
    assert latest.reading.timestamp == NOW + 19 * SECOND
    assert len(store.devices.ids()) == 41


def days_of(store: Store, device_id: str) -> list[Day]:
    return list(store.ledger.days([device_id], (NOW - DAY).date(), (NOW + DAY).date()))


def dead_letters(bus: Bus) -> list[Record]:
    with closing(bus.source("dead-letters", [DEAD_LETTERS])) as source:
        found: list[Record] = []
        end = time.monotonic() + 10
        while len(found) < 3 and time.monotonic() < end:
            found += source.take(100, 0.5)
        return found


def test_killed_at_any_moment_it_loses_nothing(
    bus: Bus, kafka_env: Mapping[str, str], mongo_env: Mapping[str, str], store: Store, site: Site
) -> None:
    """kill -9 in the middle of its work, twice: every (device, timestamp) is there, and counts once."""
    readings = seconds_of_plant(200)
    publish(bus, READINGS, readings)
    service = historian(site, kafka_env, mongo_env, batch="400", ledger_every_seconds="1")
    seen = 0
    for _ in range(2):
        child = Child(service, site)
        try:
            seen = eventually(lambda seen=seen, child=child: more_than(store, seen, child), 60)  # type: ignore[misc]
        finally:
            child.kill()
    assert 0 < seen < len(readings)
    with started(service, site):
        eventually(lambda: counted(store) == len(readings), 60, pause=0.5)
        eventually(lambda: _all_counted(store), 60, pause=0.5)
    assert set(store.readings.counts(since=NOW - DAY, until=NOW + DAY).values()) == {200}
    assert stored_documents(store) >= len(readings)


def _all_counted(store: Store) -> bool:
    seconds = seconds_in_the_ledger(store)
    assert {name: each for name, each in seconds.items() if each != 199.0} == {}
    return True


def seconds_in_the_ledger(store: Store) -> dict[str, float]:
    """Of which the energy is estimated, by machine."""
    seconds = dict.fromkeys(DEVICES, 0.0)
    for day in store.ledger.days(DEVICES, (NOW - DAY).date(), (NOW + DAY).date()):
        seconds[day.device_id] += sum(day.estimated_seconds)
    return seconds


def more_than(store: Store, seen: int, child: Child) -> int:
    child.check_alive()
    now = stored_documents(store)
    return now if now > seen else 0


def stored_documents(store: Store) -> int:
    return store.link.collection("readings").estimated_document_count()


def test_a_database_that_is_away_costs_nothing(
    bus: Bus, kafka_env: Mapping[str, str], mongo_database: str, site: Site
) -> None:
    """kill -9 of the database under load and its return: all is there, said once; nobody restarts the historian."""
    mongo_env = {"ENERGYTRACK_MONGO_URI": mongo_uri_of(site), "ENERGYTRACK_MONGO_DATABASE": mongo_database}
    readings = seconds_of_plant(200)
    with closing(open_store(MongoSettings.from_env(mongo_env))) as store:
        with mongo_running(site) as database:
            store.prepare()
            publish(bus, READINGS, readings[:4000])
            child = Child(historian(site, kafka_env, mongo_env, batch="400"), site)
            eventually(lambda: more_than(store, 0, child), 60)
            database.kill()
        try:
            publish(bus, READINGS, readings[4000:])
            eventually(lambda: b"does not answer" in child.log.read_bytes(), 30)
            with mongo_running(site):
                eventually(lambda: counted(store) == len(readings), 60, pause=0.5)
                assert child.terminate() == 0
        finally:
            child.kill()
    log = child.log.read_text()
    assert log.count("the database does not answer") == 1
    assert log.count("the database answers again") == 1


def test_it_stops_on_request_while_the_database_is_away(
    bus: Bus, kafka_env: Mapping[str, str], mongo_database: str, site: Site
) -> None:
    """SIGTERM ends the waiting within seconds, with 0; what was taken is not committed, and stored by the next one."""
    mongo_env = {"ENERGYTRACK_MONGO_URI": mongo_uri_of(site), "ENERGYTRACK_MONGO_DATABASE": mongo_database}
    readings = seconds_of_plant(5)
    service = historian(site, kafka_env, mongo_env)
    with mongo_running(site) as database, started(service, site) as child:
        database.kill()
        publish(bus, READINGS, readings)
        eventually(lambda: b"does not answer" in child.log.read_bytes(), 30)
        begun = time.monotonic()
        assert child.terminate() == 0
        assert time.monotonic() - begun < seconds_here(10)
    with (
        mongo_running(site),
        started(service, site),
        closing(open_store(MongoSettings.from_env(mongo_env))) as store,
    ):
        eventually(lambda: counted(store) == len(readings), 30)


def test_the_database_keeps_what_it_acknowledged(mongo_database: str, site: Site) -> None:
    """kill -9 of the database: every reading whose put returned is there when it is back."""
    mongo_env = {"ENERGYTRACK_MONGO_URI": mongo_uri_of(site), "ENERGYTRACK_MONGO_DATABASE": mongo_database}
    with closing(open_store(MongoSettings.from_env(mongo_env))) as store:
        with mongo_running(site) as database:
            store.prepare()
            for second in range(20):
                store.readings.put(seconds_of_plant(1, start=second))
            database.kill()
        with mongo_running(site):
            assert counted(store) == 20 * len(DEVICES)
