"""Outages longer than every limit, shortened: services stay, say for whom they wait, and lose nothing."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bench.outages.outage import Outage
from bench.outages.plant import RunningPlant, plant
from bench.outages.play import play
from bench.pipeline.arrivals import Arrivals
from energytrack.clock import SystemClock
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from local.services.mongo import mongo_uri
from testkit.stack.servers import eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("kafka_sockets_collected"),
    pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"),
]
LIMITS = {"ENERGYTRACK_KAFKA_DELIVERY_SECONDS": "4", "ENERGYTRACK_PATIENCE_SECONDS": "3"}
"""Below the shortest outage here."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlant]:
    folder: Path = tmp_path_factory.mktemp("outages")
    with plant(folder, devices=12, env=LIMITS) as made:
        yield made


@pytest.mark.timeout(600)  # a whole plant is started
@pytest.mark.parametrize("text", ["broker:stopped:15", "broker:frozen:15", "both:stopped:15"])
def test_an_outage_ends_by_itself(text: str, running: RunningPlant) -> None:
    """Nobody ends, everybody says whom they wait for, all goes on by itself, and no reading is missing anywhere."""
    result = play(running, Outage.parsed(text), Arrivals(running.site, clock=SystemClock()), before=5.0)
    assert result.ended == ()
    assert (result.lost_stored, result.lost_insights) == (0, 0)
    assert result.complaint_after is not None
    assert "has not answered" in result.complaint


def test_a_stretch_may_end_within_a_millisecond(running: RunningPlant) -> None:
    """A reading of that very millisecond is on the topic; the database compares whole ones."""
    clock = SystemClock()
    with closing(open_store(MongoSettings(uri=mongo_uri(running.site)))) as store:
        reading = eventually(lambda: store.readings.latest("press-0001", 1, until=clock.now()), 60)[0]
    until = reading.timestamp + timedelta(microseconds=500)
    counted = Arrivals(running.site, clock=clock).counted(since=reading.timestamp - timedelta(seconds=5), until=until)
    assert (counted.not_stored, counted.never_sent) == (0, 0)
    assert counted.stored > 0
