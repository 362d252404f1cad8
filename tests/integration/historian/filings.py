"""Filing over a real database, for tests."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event

from prometheus_client import CollectorRegistry

from energytrack.bus import Record
from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.consume import Taken
from energytrack.messages import Message
from energytrack.plant import Plant, load_plant
from energytrack.store import Store
from historian.composition import TAKES, build
from historian.filing import Filing
from historian.settings import HistorianSettings

PLANT = load_plant(Path(__file__).parents[3] / "plant.toml")


def a_filing(
    store: Store, clock: ManualClock, bus: MemoryBus | None = None, *, plant: Plant = PLANT,
    registry: CollectorRegistry | None = None, **settings: float | str,
) -> Filing:  # fmt: skip
    """As the service puts it together; what it tells goes to the bus."""
    bus = bus or MemoryBus()
    return build(
        HistorianSettings.from_env({HistorianSettings.variable(name): str(value) for name, value in settings.items()}),
        plant,
        store,
        bus.source("historian", TAKES),
        bus.sink(),
        registry=registry or CollectorRegistry(),
        clock=clock,
        stop=Event(),
    ).filing


def taken(messages: Sequence[Message]) -> list[Taken]:
    return [Taken(Record("any", 0, i, None, None), message) for i, message in enumerate(messages)]
