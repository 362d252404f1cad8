"""A small plant on real servers, in separate processes that nothing restarts, so that every end is noticed."""

import os
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import psutil

from bench.outages import names
from bench.outages.outage import Outage
from bench.pipeline.load import QUIET
from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS
from local.errors import NotReady
from local.lifecycle.child import Child, started
from local.lifecycle.readiness import ask
from local.services.definition import ServiceDefinition
from local.services.front_door import caddy_service
from local.services.kafka import kafka_service, prepare_kafka
from local.services.mongo import mongo_service
from local.services.observability import alertmanager_service, prepare_prometheus, prometheus_service
from local.services.pipeline import pipeline_services
from local.services.secrets import secret_env
from local.site import Site
from local.terminal.waits import NO_ANSWER, complaints
from testkit.stack.servers import free_ports

START_SECONDS: Final = 180.0


class RunningPlant:
    """Running servers and services."""

    def __init__(self, site: Site, stack: ExitStack, *, env: Mapping[str, str]) -> None:
        self.site = site
        stores: dict[str, ServiceDefinition] = {"broker": kafka_service(site), "database": mongo_service(site)}
        prepare_kafka(site)
        if names.are_our_own():
            env = dict(env) | _by_name(site)
        self._definitions = dict(stores)
        self._servers: dict[str, Child] = {}
        stack.callback(self._end)
        self._start(*stores)
        open_bus(KafkaSettings(servers=site.address(site.ports.kafka)), "bench").create_topics(TOPICS)
        self.services = {}
        ours = pipeline_services(site)
        for service in ours:
            whole = replace(service, env={**service.env, **secret_env(site, service.secrets), **env})
            self.services[service.name] = stack.enter_context(started(whole, site, deadline=START_SECONDS))
        prepare_prometheus(site, ours)
        around = {
            "prometheus": prometheus_service(site),
            "alertmanager": alertmanager_service(site),
            "front-door": caddy_service(site),
        }
        self._definitions |= around
        self._start(*around)

    def _start(self, *servers: str) -> None:
        for name in servers:
            self._servers[name] = Child(self._definitions[name], self.site)
        for name in servers:
            self._servers[name].wait_until_ready(deadline=START_SECONDS)

    def _end(self) -> None:
        for server in self._servers.values():
            if server.process.poll() is None:
                os.killpg(server.process.pid, signal.SIGCONT)
            server.kill()

    def away(self, outage: Outage) -> None:
        """Take the servers away, as a power cut or a debugger would."""
        if outage.which == "names":
            names.forget()
        for name in outage.servers:
            if outage.how == "frozen":
                os.killpg(self._servers[name].process.pid, signal.SIGSTOP)
            else:
                self._servers[name].kill()

    def hold(self) -> None:
        """Do nothing: what is away stays away."""

    def back(self, outage: Outage) -> None:
        """Bring them back, and return when they answer."""
        if outage.which == "names":
            names.remember()
        if outage.how == "frozen":
            for name in outage.servers:
                os.killpg(self._servers[name].process.pid, signal.SIGCONT)
                self._servers[name].wait_until_ready(deadline=START_SECONDS)
        else:
            self._start(*outage.servers)

    def complaints(self) -> dict[str, str]:
        """The complaints of the services; one that is slow on a busy computer has none."""
        return {name: said for name, said in complaints(self.site).items() if said != NO_ANSWER}

    def is_well(self) -> bool:
        """Whether every service that has not ended reports that it works."""
        running = [child.service for child in self.services.values() if child.process.poll() is None]
        return not without_an_answer(running)

    def ended(self) -> tuple[str, ...]:
        """The services that do not run any more."""
        return tuple(name for name, child in self.services.items() if child.process.poll() is not None)

    def memory_mib(self) -> float:
        """What our services hold now."""
        return sum(resident_mib(child.process.pid) for child in self.services.values())


def without_an_answer(services: Iterable[ServiceDefinition]) -> list[str]:
    """The names of services that do not report that they work."""
    silent = []
    for service in services:
        try:
            ask(service.ready)
        except NotReady:
            silent.append(service.name)
    return silent


def resident_mib(pid: int) -> float:
    """The memory of a process and its children; 0 if it has ended."""
    try:
        process = psutil.Process(pid)
        return float(sum(each.memory_info().rss for each in [process, *process.children(recursive=True)]) / 2**20)
    except psutil.NoSuchProcess:
        return 0.0


def _by_name(site: Site) -> dict[str, str]:
    """Make the broker announce its name to clients, and give services names instead of addresses."""
    broker, database = (f"{names.NAMES[each]}" for each in ("broker", "database"))
    settings = site.var / "kafka" / "server.properties"
    with settings.open("a", encoding="utf-8") as file:
        file.write(f"advertised.listeners=PLAINTEXT://{broker}:{site.ports.kafka}\n")
    return {
        "ENERGYTRACK_KAFKA_SERVERS": f"{broker}:{site.ports.kafka}",
        "ENERGYTRACK_MONGO_URI": f"mongodb://{database}:{site.ports.mongo}",
    }


@contextmanager
def plant(folder: Path, *, devices: int, env: dict[str, str] | None = None) -> Iterator[RunningPlant]:
    """Run a plant in a folder, on free ports."""
    with ExitStack() as stack:
        site = Site(var=folder, ports=free_ports(), devices=devices, kafka_users=False)
        yield RunningPlant(site, stack, env=QUIET | (env or {}))
