"""The service as it is put together: what is there at its start, and a model that comes while it runs."""

from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.decoding.parsing import parse_insight
from energytrack.messages import encode
from energytrack.plant import load_plant
from energytrack.topics import INSIGHTS, READINGS
from ml.models.artifact import seal, write
from ml.scoring.composition import NAME, TAKES, build
from ml.settings import MlSettings
from testkit.builders.messages import NOW, a_reading
from testkit.builders.recordings import a_champion

PLANT = load_plant(Path(__file__).parents[4] / "plant.toml")


def test_a_model_that_comes_later_is_taken_into_use_between_two_batches(tmp_path: Path) -> None:
    """Insights without a model carry no probability, and say so."""
    bus, clock, registry = MemoryBus(), ManualClock(NOW + timedelta(minutes=30)), CollectorRegistry()
    settings = MlSettings(model_file=tmp_path / "failure_model.pkl")
    service = build(settings, PLANT, bus.source(NAME, TAKES), bus.sink(), registry=registry, clock=clock)

    def scored(first: int, last: int) -> str:
        for minute in range(first, last):
            reading = a_reading(timestamp=NOW + timedelta(minutes=minute), temperature=80.0)
            bus.sink().put(READINGS, reading.device_id, encode(reading))
        while service.poll():
            pass
        return parse_insight(bus.values(INSIGHTS)[-1], clock.now()).model_version

    assert scored(0, 5) == "none"
    champion = a_champion()
    write(settings.model_file, *seal(champion.model, champion.card, None))
    clock.advance(settings.check_seconds)
    assert service.poll() == 0
    assert service.scorer.champion is not None
    assert scored(5, 10) == service.scorer.champion.card.version


def test_it_is_ready_when_it_has_its_share_of_the_machines(tmp_path: Path) -> None:
    """Also where nothing comes from them."""
    bus, calls = MemoryBus(), []
    settings = MlSettings(model_file=tmp_path / "failure_model.pkl")
    service = build(
        settings, PLANT, bus.source(NAME, TAKES), bus.sink(), registry=CollectorRegistry(), clock=ManualClock(NOW)
    )
    service.poll(assigned=lambda: calls.append("assigned"))
    assert calls
