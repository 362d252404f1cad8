"""The consumer on a real broker: an insight for each reading, whoever is killed, and a new champion between batches."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from math import log
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest

from control_api.devices.rules import machine_now
from control_api.devices.schemas import device_response
from energytrack.bus import Bus, Source
from energytrack.decoding.parsing import parse_insight
from energytrack.machines.state import MachineState
from energytrack.messages import Insight, Message, Reading, RemainingLife, encode
from energytrack.plant import load_plant
from energytrack.store import Store
from energytrack.store.learning.models import ModelEntry
from energytrack.topics import INSIGHTS, READINGS
from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import Site
from ml.models.artifact import seal, write
from ml.models.card import encode_card
from ml.models.life import HIGH, LEVELS, LOW, Life, LifeBins
from testkit.builders.messages import a_reading
from testkit.builders.recordings import a_champion
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, site_in, started

SECOND = timedelta(seconds=1)
HORIZON_HOURS = 24.0
NOW = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1)
DEVICES = [f"cnc-{i:04d}" for i in range(1, 41)]
KEY = "a key of this site"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def kafka_env(kafka_env: Mapping[str, str], mongo_env: Mapping[str, str]) -> Mapping[str, str]:
    """With a database in which no model is in use yet: a consumer uses its file."""
    return {**kafka_env, **mongo_env}


@pytest.fixture
def insights(bus: Bus) -> Iterator["InsightListener"]:
    with closing(bus.source("listener", [INSIGHTS])) as source:
        yield InsightListener(source)


class InsightListener:
    """Every insight so far."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.all: list[Insight] = []

    def more(self) -> list[Insight]:
        for record in self._source.take(10_000, 0.2):
            self.all.append(parse_insight(record.value, datetime.now(UTC)))
        return self.all

    def moments(self) -> set[tuple[str, datetime]]:
        return {(insight.device_id, insight.timestamp) for insight in self.more()}


def ml_consumer(site: Site, kafka_env: Mapping[str, str], **settings: str) -> ServiceDefinition:
    port = site.ports.ml_consumer
    env = {f"ENERGYTRACK_ML_{name.upper()}": value for name, value in settings.items()}
    return ServiceDefinition(
        name="ml_consumer",
        purpose="under test",
        command=(sys.executable, "-m", "ml.ml_consumer"),
        ready=HttpAnswers(f"http://127.0.0.1:{port}/healthz"),
        ports=("ml_consumer",),
        env={
            **kafka_env,
            "ENERGYTRACK_ML_MODEL_FILE": str(model_file(site)),
            "ENERGYTRACK_ML_SIGNING_KEY": KEY,
            "ENERGYTRACK_ML_CHECK_SECONDS": "0.1",
            "ENERGYTRACK_ML_WARM_UP_HOURS": "0",
            **env,
            "ENERGYTRACK_METRICS_PORT": str(port),
        },
    )


def model_file(site: Site) -> Path:
    return site.var / "models" / "failure_model.pkl"


def promote(site: Site, *, key: str = KEY, life: Life | None = None, **fields: object) -> str:
    """Put a champion in place, which knows how long machines have left if `life` says it; returns its version."""
    champion = a_champion(**fields)
    if life is not None:
        vars(champion.model.estimator)["life"] = life
    card, artifact = seal(champion.model, champion.card, key)
    write(model_file(site), card, artifact)
    return card.version


def publish(bus: Bus, messages: Sequence[Message]) -> None:
    with closing(bus.sink()) as sink:
        for message in messages:
            sink.put(READINGS, message.device_id, encode(message))
        sink.flush()


def seconds_of_plant(seconds: int, *, start: int = 0, temperature: float = 60.0) -> list[Reading]:
    return [
        a_reading(device_id, timestamp=NOW + i * SECOND, temperature=temperature)
        for i in range(start, start + seconds)
        for device_id in DEVICES
    ]


def moments(readings: Sequence[Reading]) -> set[tuple[str, datetime]]:
    return {(reading.device_id, reading.timestamp) for reading in readings}


def put_into_use(store: Store, **fields: object) -> str:
    """Register a champion in the database; returns its version."""
    champion = a_champion(**fields)
    card, artifact = seal(champion.model, champion.card, KEY)
    store.models.put(ModelEntry(card.version, card.created_at, encode_card(card).decode(), card.sha256), artifact)
    store.models.use(card.version, now=datetime.now(UTC))
    return card.version


def metrics(site: Site) -> str:
    with urlopen(f"http://127.0.0.1:{site.ports.ml_consumer}/metrics", timeout=seconds_here(5)) as page:
        text: str = page.read().decode()
    return text


def test_readings_become_insights_and_poison_does_not_stop_them(
    bus: Bus, kafka_env: Mapping[str, str], site: Site, insights: InsightListener
) -> None:
    """With a probability as soon as there are three minutes of history."""
    promote(site)
    readings = seconds_of_plant(240)
    publish(bus, readings[: len(readings) // 2])
    with closing(bus.sink()) as sink:
        for raw in (b"\xff\x00", b"{}"):
            sink.put(READINGS, "cnc-0001", raw)
    publish(bus, readings[len(readings) // 2 :])
    with started(ml_consumer(site, kafka_env), site) as child:
        eventually(lambda: insights.moments() == moments(readings), 60)
        assert child.terminate() == 0
    assert len(insights.all) == len(readings)
    last = [insight for insight in insights.all if insight.timestamp == NOW + 239 * SECOND]
    assert {insight.failure_probability for insight in last} == {0.6}
    assert {insight.failure_probability for insight in insights.all if insight.timestamp == NOW} == {None}


def test_how_long_a_machine_has_left_arrives_with_the_times_to_stop_it(
    bus: Bus, kafka_env: Mapping[str, str], site: Site, insights: InsightListener
) -> None:
    """Through Kafka, and as the API tells it: an interval that agrees with the risk, and the sums that follow."""
    hours = np.linspace(4.0, 40.0, len(LEVELS))
    promote(site, life=Life(168.0, LifeBins(np.zeros(0), hours[None, :], np.array([0.95]))))
    readings = seconds_of_plant(240, temperature=90.0)
    publish(bus, readings)
    with started(ml_consumer(site, kafka_env), site):
        eventually(lambda: insights.moments() == moments(readings), 60)
    insight = next(one for one in insights.all if one.timestamp == NOW + 239 * SECOND)
    assert insight.failure_probability is not None
    allowed = HORIZON_HOURS * log(0.8) / log(1.0 - insight.failure_probability)
    assert allowed < hours[LOW]
    assert insight.remaining_life == RemainingLife(round(allowed, 2), hours[HIGH])
    machine = machine_now(
        MachineState(insight.device_id, reading=readings[-1], insight=insight), plant=load_plant(Path("plant.toml")),
        now=readings[-1].timestamp, silent_after=timedelta(minutes=5), lock=None, open_order=None,
    )  # fmt: skip
    response = device_response(machine)
    assert response.remaining_life is not None
    shown = RemainingLife(response.remaining_life.at_least_hours, response.remaining_life.at_most_hours)
    assert shown == insight.remaining_life
    assert {"now", "run_on"} <= {option.when for option in response.stop_options}
    sums = [option.expected_cost for option in response.stop_options]
    assert sums == sorted(sums)


def test_a_consumer_that_is_killed_in_the_middle_loses_nothing(
    bus: Bus, kafka_env: Mapping[str, str], site: Site, insights: InsightListener
) -> None:
    """The next one scores what was not committed; at least one insight for each reading."""
    promote(site)
    readings = seconds_of_plant(500)
    publish(bus, readings)
    consumer = ml_consumer(site, kafka_env, batch="300")
    with started(consumer, site) as child:
        eventually(lambda: len(insights.more()) > 2000, 60)
        child.kill()
    assert len(insights.moments()) < len(readings)
    with started(consumer, site):
        eventually(lambda: insights.moments() == moments(readings), 90)


def test_a_new_champion_takes_over_between_batches_and_a_forged_one_does_not(
    bus: Bus, kafka_env: Mapping[str, str], site: Site, insights: InsightListener
) -> None:
    """No reading is lost, no history is lost, and a model signed with another key is never opened."""
    first = promote(site)
    with started(ml_consumer(site, kafka_env), site):
        before = seconds_of_plant(240)
        publish(bus, before)
        eventually(lambda: insights.moments() == moments(before), 60)
        promote(site, threshold=0.1, key="another site's key")
        eventually(lambda: 'model_refused_total{reason="signature"} 1.0' in metrics(site))
        second = promote(site, threshold=0.5)
        eventually(lambda: f'version="{second}"' in metrics(site))
        after = seconds_of_plant(1, start=240)
        publish(bus, after)
        eventually(lambda: insights.moments() == moments([*before, *after]), 60)
    newest = [insight for insight in insights.all if insight.timestamp == NOW + 240 * SECOND]
    assert {insight.model_version for insight in insights.all} == {first, second}
    assert {(insight.model_version, insight.prediction) for insight in newest} == {(second, 1)}


def test_whoever_takes_over_a_machine_knows_its_past(
    bus: Bus, kafka_env: Mapping[str, str], tmp_path: Path, insights: InsightListener, store: Store
) -> None:
    """One consumer is killed, the other takes its partitions: each machine has a probability with its next reading."""
    first, second = site_in(tmp_path / "first"), site_in(tmp_path / "second")
    promote(first)
    promote(second)
    before = [
        a_reading(device_id, timestamp=NOW + timedelta(seconds=20 * i), temperature=60.0)
        for i in range(30)
        for device_id in DEVICES
    ]
    publish(bus, before)
    store.readings.put(before)  # what the historian does
    with (
        started(ml_consumer(first, kafka_env, warm_up_hours="1"), first) as doomed,
        started(ml_consumer(second, kafka_env, warm_up_hours="1"), second),
    ):
        eventually(lambda: insights.moments() == moments(before), 60)
        doomed.kill()
        later = NOW + timedelta(seconds=615)
        publish(bus, [a_reading(device_id, timestamp=later, temperature=60.0) for device_id in DEVICES])
        eventually(lambda: {i.device_id for i in insights.more() if i.timestamp == later} == set(DEVICES), 60)
    after = {insight.device_id: insight.failure_probability for insight in insights.all if insight.timestamp == later}
    assert after == dict.fromkeys(DEVICES, 0.6)


def test_all_consumers_follow_the_database_and_start_without_it(
    kafka_env: Mapping[str, str], bus: Bus, store: Store, tmp_path: Path
) -> None:
    """Two of them, with nothing but the database between them: the first model, the next, and the way back."""
    sites = [site_in(tmp_path / name) for name in ("first", "second")]

    def both_use(version: str) -> None:
        for site in sites:
            eventually(lambda site=site: f'version="{version}"' in metrics(site), 30)  # type: ignore[misc]

    first = put_into_use(store)
    with started(ml_consumer(sites[0], kafka_env), sites[0]), started(ml_consumer(sites[1], kafka_env), sites[1]):
        both_use(first)
        second = put_into_use(store, threshold=0.5)
        both_use(second)
        store.models.use(first, now=datetime.now(UTC))
        both_use(first)
    away = {**kafka_env, "ENERGYTRACK_MONGO_URI": "mongodb://127.0.0.1:9"}
    with started(ml_consumer(sites[0], away), sites[0]):
        assert f'version="{first}"' in metrics(sites[0])
