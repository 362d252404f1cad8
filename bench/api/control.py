"""Starts a control API for measurements: with its own broker and database, and idle machines that obey at once."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import psutil

from energytrack.bus import Bus
from energytrack.bus.open import open_bus
from energytrack.clock import SystemClock
from energytrack.machines.state import MachineState
from energytrack.messages import Reading
from energytrack.plant import Plant, load_plant
from energytrack.settings import KafkaSettings, MongoSettings
from energytrack.store.open import open_store
from energytrack.topics import TOPICS
from local.services.mongo import mongo_uri
from testkit.stack.control_service import control_api, obedient_machines, serving
from testkit.stack.servers import kafka_running, mongo_running, site_in

NO_LIMITS: Final = {
    "ENERGYTRACK_CONTROL_API_CHANGES_PER_MINUTE": "100000",
    "ENERGYTRACK_CONTROL_API_REQUESTS_PER_MINUTE": "1000000",
}


@dataclass(frozen=True)
class Measured:
    """The service that the benchmarks call."""

    bus: Bus
    url: str
    token: str
    plant: Plant
    service: psutil.Process
    machine_seconds: Mapping[str, float]
    """The machine's time for each order, from receiving it to its answer, by command_id."""

    def client(self) -> httpx.Client:
        """A client with the rights of a script that may act."""
        return httpx.Client(base_url=self.url, timeout=30, headers={"Authorization": f"Bearer {self.token}"})

    def core_seconds(self) -> float:
        """Processor time of the service so far, including its worker."""
        return sum(sum(process.cpu_times()[:2]) for process in self._family())

    def memory_mib(self) -> float:
        """Memory of the service now, including its worker."""
        return sum(process.memory_info().rss for process in self._family()) / 2**20

    def _family(self) -> list[psutil.Process]:
        return [self.service, *self.service.children(recursive=True)]


@contextmanager
def control_api_running(folder: Path) -> Iterator[Measured]:
    """Run the service with its servers on free ports, while the context lasts."""
    with ExitStack() as stack:
        site = site_in(folder)
        stack.enter_context(kafka_running(site))
        stack.enter_context(mongo_running(site))
        env = NO_LIMITS | {
            "ENERGYTRACK_KAFKA_SERVERS": site.address(site.ports.kafka),
            "ENERGYTRACK_MONGO_URI": mongo_uri(site),
        }
        plant = load_plant(Path("plant.toml"))
        bus = open_bus(KafkaSettings.from_env(env), "bench")
        bus.create_topics(TOPICS)
        machine_seconds = stack.enter_context(obedient_machines(bus))
        child = stack.enter_context(serving(site, env))
        token = control_api(env, "tokens", "create", "--name", "bench", "--role", "Editor")
        url = site.url(site.ports.control_api, "")
        with closing(open_store(MongoSettings.from_env(env))) as store:
            at = SystemClock().now()
            readings = [Reading(device.device_id, at, 60.0, 5.5, 2.0, state="stopped") for device in plant.devices]
            store.devices.put([MachineState(reading.device_id, reading=reading) for reading in readings], at)
        yield Measured(bus, url, token, plant, psutil.Process(child.process.pid), machine_seconds)
