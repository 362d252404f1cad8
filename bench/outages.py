"""`python -m bench.outages`: servers are stopped or frozen under running services, and what came of it is told.

A small plant on real servers: broker, database and all services, each a process of its own whose end nobody mends, so
that one that ends is seen. Nothing is sent late or twice, so that every reading can be counted.
"""

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import psutil
from rich.console import Console

from bench import machine, sheet
from bench.arrivals import Arrivals, counter
from bench.load import QUIET
from energytrack.bus.open import open_bus
from energytrack.clock import SystemClock
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS
from local.lifecycle.child import Child, started
from local.services.kafka import kafka_service, prepare_kafka
from local.services.mongo import mongo_service
from local.services.pipeline import pipeline_services
from local.services.secrets import secret_env
from local.site import Site
from local.terminal.waits import NO_ANSWER, ask
from testkit.servers import eventually, free_ports

Which = Literal["broker", "database", "both"]
How = Literal["stopped", "frozen"]

DEFAULT: Final = ("broker:stopped:10", "broker:stopped:60", "broker:stopped:420", "broker:frozen:60",
                  "database:stopped:60", "both:frozen:60")  # fmt: skip
BEFORE_SECONDS: Final = 20.0
"""Between two outages."""
START_SECONDS: Final = 180.0
BACK_SECONDS: Final = 300.0


@dataclass(frozen=True)
class Outage:
    """Which servers are away, how, and for how long."""

    which: Which
    how: How
    seconds: float

    @classmethod
    def parsed(cls, text: str) -> "Outage":
        """From WHICH:HOW:SECONDS."""
        which, how, seconds = text.split(":")
        if which not in {"broker", "database", "both"} or how not in {"stopped", "frozen"}:
            raise argparse.ArgumentTypeError("expected broker, database or both : stopped or frozen : seconds")
        return cls(which, how, float(seconds))  # type: ignore[arg-type]  # just looked at


@dataclass(frozen=True)
class Result:
    """What came of an outage."""

    outage: Outage
    told_after: float | None
    """Seconds until the first service said on /healthz whom it waits for; None where none did."""
    told: str
    waiting: int
    """How many services said so at the same time, at most."""
    back_after: float
    """Seconds from the servers' answering until new readings were scored, stored and exported, and all were ready."""
    skipped: int
    """Readings that the plant says it never sent."""
    lost_stored: int
    lost_insights: int
    twice: int
    """Readings that lie on the topic more than once."""
    memory_mib: float
    """The largest sum of our services' memory at one moment."""
    ended: tuple[str, ...]
    """Services that ended; none is the claim."""


class Plant:
    """Servers and services that run."""

    def __init__(self, site: Site, stack: ExitStack, *, env: dict[str, str]) -> None:
        self.site = site
        prepare_kafka(site)
        self._definitions = {"broker": kafka_service(site), "database": mongo_service(site)}
        self._servers = {name: Child(service, site) for name, service in self._definitions.items()}
        stack.callback(self._end)
        for server in self._servers.values():
            server.wait_until_ready(deadline=START_SECONDS)
        open_bus(KafkaSettings(servers=site.address(site.ports.kafka)), "bench").create_topics(TOPICS)
        self.services = {}
        for service in pipeline_services(site):
            whole = replace(service, env={**service.env, **secret_env(site, service.secrets), **env})
            self.services[service.name] = stack.enter_context(started(whole, site, deadline=START_SECONDS))

    def _end(self) -> None:
        for server in self._servers.values():
            if server.process.poll() is None:
                os.killpg(server.process.pid, signal.SIGCONT)
            server.kill()

    def away(self, outage: Outage) -> None:
        """Take the servers away, as a power cut or a debugger would."""
        for name in _names(outage):
            if outage.how == "stopped":
                self._servers[name].kill()
            else:
                os.killpg(self._servers[name].process.pid, signal.SIGSTOP)

    def back(self, outage: Outage) -> None:
        """Bring them back, and return when they answer."""
        for name in _names(outage):
            if outage.how == "stopped":
                self._servers[name] = Child(self._definitions[name], self.site)
            else:
                os.killpg(self._servers[name].process.pid, signal.SIGCONT)
        for name in _names(outage):
            self._servers[name].wait_until_ready(deadline=START_SECONDS)

    def said(self) -> dict[str, str]:
        """What the services complain of; one that is slow on a busy machine says nothing."""
        ports = self.site.ports
        answers = {name: ask(self.site.url(int(getattr(ports, name)), "/healthz")) for name in self.services}
        return {name: said for name, said in answers.items() if said is not None and said != NO_ANSWER}

    def ended(self) -> tuple[str, ...]:
        """Services that do not run any more."""
        return tuple(name for name, child in self.services.items() if child.process.poll() is not None)

    def memory_mib(self) -> float:
        """What our services hold now."""
        return sum(_resident(child.process.pid) for child in self.services.values())


def _names(outage: Outage) -> tuple[str, ...]:
    return ("broker", "database") if outage.which == "both" else (outage.which,)


def _resident(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        return float(sum(each.memory_info().rss for each in [process, *process.children(recursive=True)]) / 2**20)
    except psutil.NoSuchProcess:
        return 0.0


@contextmanager
def plant(folder: Path, *, devices: int, env: dict[str, str] | None = None) -> Iterator[Plant]:
    """A plant in a folder, on free ports."""
    with ExitStack() as stack:
        site = Site(var=folder, ports=free_ports(), devices=devices)
        yield Plant(site, stack, env=QUIET | (env or {}))


def play(running: Plant, outage: Outage, arrivals: Arrivals, *, before: float = BEFORE_SECONDS) -> Result:
    """One outage, after `before` seconds of a plant that is well; the servers are back afterwards, come what may."""
    eventually(arrivals.flows, BACK_SECONDS, pause=1.0)
    skipped_before = _skipped(running)
    time.sleep(before)
    since = datetime.now(UTC) - timedelta(seconds=before)
    began = time.monotonic()
    running.away(outage)
    told_after, told, waiting, memory = None, "", 0, 0.0
    try:
        while time.monotonic() - began < outage.seconds:
            said = running.said()
            if said and told_after is None:
                told_after = time.monotonic() - began
            if len(said) >= waiting and said:
                waiting, told = len(said), next(iter(said.values()))
            memory = max(memory, running.memory_mib())
            time.sleep(0.5)
    finally:
        running.back(outage)
    answers = time.monotonic()
    eventually(lambda: arrivals.flows() and not running.said(), BACK_SECONDS, pause=0.5)
    back_after = time.monotonic() - answers
    counted = arrivals.counted(since=since, until=arrivals.done_until)
    return Result(
        outage=outage,
        told_after=told_after,
        told=told,
        waiting=waiting,
        back_after=back_after,
        skipped=_skipped(running) - skipped_before,
        lost_stored=counted.not_stored,
        lost_insights=counted.without_insight,
        twice=counted.twice,
        memory_mib=max(memory, running.memory_mib()),
        ended=running.ended(),
    )


def _skipped(running: Plant) -> int:
    site = running.site
    return counter(site.url(site.ports.simulator, "/metrics"), "energytrack_simulator_readings_skipped_total", {})


def table(results: Sequence[Result]) -> sheet.Sheet:
    """A row for each outage."""
    return sheet.Sheet(
        "Outages",
        (
            "server", "outage", "for, s", "reported after, s", "message", "services", "recovered after, s", "not sent",
            "lost", "without insight", "sent twice", "MiB at most", "services that ended",
        ),
        tuple(_row(result) for result in results),
        note="Reported: when the first service's /healthz named what it was waiting for (after 60 s without progress), "
        "and how many services did. Recovered: from the first answer of the servers until new readings were scored, "
        "stored and exported and every service was ready. Not sent: readings that the simulated plant skipped because "
        "they were more than 120 s late. Lost: readings on the topic that are not in the database. Sent twice: "
        "readings sent again although the broker had them; they count once.",
    )  # fmt: skip


def _row(result: Result) -> tuple[str, ...]:
    outage = result.outage
    return (
        outage.which, outage.how, f"{outage.seconds:.0f}",
        "-" if result.told_after is None else f"{result.told_after:.0f}", result.told.split(" (since")[0] or "-",
        str(result.waiting), f"{result.back_after:.0f}", str(result.skipped), str(result.lost_stored),
        str(result.lost_insights), str(result.twice), f"{result.memory_mib:,.0f}", ", ".join(result.ended) or "none",
    )  # fmt: skip


def main() -> None:
    """Play, print and file."""
    parser = argparse.ArgumentParser(prog="python -m bench.outages", description=__doc__)
    parser.add_argument("--devices", type=int, default=30, help="machines, each one reading a second (30)")
    parser.add_argument("outages", nargs="*", type=Outage.parsed, metavar="WHICH:HOW:SECONDS", help="what is played")
    asked = parser.parse_args()
    outages = asked.outages or [Outage.parsed(text) for text in DEFAULT]
    console, facts = sheet.wide_console(), machine.facts()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, plant(Path(folder), devices=asked.devices) as running:
        arrivals = Arrivals(running.site, clock=SystemClock())
        for outage in outages:
            results.append(play(running, outage, arrivals))
            _tell(results[-1], console)
    sheet.publish("outages", "./et bench.outages", facts, [table(results)], console)


def _tell(result: Result, console: Console) -> None:
    console.print(" · ".join(_row(result)), markup=False)


if __name__ == "__main__":
    main()
