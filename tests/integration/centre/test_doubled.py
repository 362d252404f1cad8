"""MirrorMaker delivers at least once: what it copied twice counts once for whoever reads the centre's topics."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings, MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from energytrack.topics import READINGS, TOPICS
from local.site import Site
from testkit.builders.messages import a_reading
from testkit.stack.servers import eventually, started
from tests.integration.historian.test_main import DEVICES, SECOND, historian, metrics, publish

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BEGUN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
"""The historian runs on the real clock."""
RECEIVED = ("energytrack_pipeline_received_total", READINGS)


@pytest.fixture
def store(mongo_env: Mapping[str, str]) -> Iterator[Store]:
    with closing(open_store(MongoSettings.from_env(mongo_env))) as opened:
        yield opened


def test_a_reading_that_was_mirrored_twice_counts_once(
    kafka_env: Mapping[str, str], mongo_env: Mapping[str, str], store: Store, site: Site
) -> None:
    """A historian at the centre, with the plant's name as prefix of its topics: `plant-a.factory-sensor-data`."""
    at_centre = {
        **kafka_env,
        "ENERGYTRACK_KAFKA_TOPIC_PREFIX": kafka_env["ENERGYTRACK_KAFKA_TOPIC_PREFIX"] + "plant-a.",
    }
    bus = open_bus(KafkaSettings.from_env(at_centre), "test")
    bus.create_topics(TOPICS)
    readings = [
        a_reading(device_id, timestamp=BEGUN + second * SECOND, energy_kwh=1000.0 + second / 100)
        for second in range(20)
        for device_id in DEVICES
    ]
    once, since, until = len(readings), BEGUN - timedelta(days=1), BEGUN + timedelta(days=1)
    publish(bus, READINGS, [*readings, *readings[-3:]])  # three, as in the trial of an outage of eight minutes
    with started(historian(site, at_centre, mongo_env), site) as child:
        eventually(lambda: metrics(site)[RECEIVED] == once + 3, 60)
        assert child.terminate() == 0
    kwh = _kwh(store)
    assert kwh == pytest.approx(dict.fromkeys(DEVICES, 0.19))
    publish(bus, READINGS, readings[-40:])  # once more when they are stored, as by a new MirrorMaker
    with started(historian(site, at_centre, mongo_env), site) as child:
        eventually(lambda: metrics(site)[RECEIVED] == 40, 60)
        assert child.terminate() == 0
    assert Counter(store.readings.counts(since=since, until=until).values()) == {20: len(DEVICES)}
    assert _kwh(store) == kwh


def _kwh(store: Store) -> dict[str, float]:
    """Energy of each machine, as the ledger has it."""
    days = store.ledger.days(DEVICES, (BEGUN - timedelta(days=1)).date(), (BEGUN + timedelta(days=1)).date())
    return {day.device_id: day.sums().counted_kwh for day in days}
