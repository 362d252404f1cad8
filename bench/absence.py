"""`python -m bench.absence`: kills each service of a working plant again and again, and times its return.

./et bench.absence --kills 10 --devices 100   ten kills of each, three of them while it starts again
"""

import argparse
import os
import random
import shutil
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import psutil

from bench import machine, sheet
from bench.faults.counting import prometheus_samples
from bench.faults.fault import SUPERVISOR
from bench.faults.victims import LIMIT_SECONDS, SUPERVISOR_SECONDS
from bench.pipeline.earlier import files_of
from bench.pipeline.load import QUIET
from local.errors import NotReady
from local.lifecycle.readiness import ask
from local.lifecycle.supervisord import connected
from local.services.catalogue import services
from local.site import ROOT, Site
from testkit.stack.local_stack import LocalStack, a_stack

LOOK_SECONDS, GIVE_UP_SECONDS = 0.2, 300.0
CALM_SECONDS: Final = 6.0
"""Between two kills: longer than a service has to run until its supervisor counts its start as a success."""
BURST: Final = 3
"""Kills in a burst: each as soon as there is a new process."""
STAGES: Final = ("simulator", "ml_consumer", "historian", "exporters")
"""The services that work on every reading; a server is back when all of them have gone on."""
PROCESSED: Final = "energytrack_pipeline_last_processed_timestamp_seconds{"
"""The sample of a stage's page that says when it last finished a batch."""


@dataclass(frozen=True)
class Absence:
    """One absence, in seconds since the kill; of a burst, since the last one."""

    which: str
    kills: int
    started: float
    """Until there was a new process."""
    ready: float
    """Until it answered."""
    working: float
    """Until it made progress."""
    processor: float
    """Seconds of a processor that the new process had taken by then; for the supervisor, all services together."""
    load: float

    @property
    def limit(self) -> float:
        """The longest time that it may take: longer where processes wait for a core."""
        calm = SUPERVISOR_SECONDS if self.which == SUPERVISOR else LIMIT_SECONDS
        return calm * max(1.0, self.load / (os.cpu_count() or 1))


class Absences:
    """Kills services of one site, and times their returns."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._services = {service.name: service for service in services(site)}

    @property
    def names(self) -> tuple[str, ...]:
        return (*self._services, SUPERVISOR)

    def calm(self) -> None:
        """Wait until everything runs, works, and has done so for a while."""
        self._until(lambda: all(map(self._is_ready, self._services)))
        since = time.time()
        self._until(lambda: self._all_work(since))
        time.sleep(CALM_SECONDS)

    def of(self, name: str, *, kills: int = 1) -> Absence:
        """Kill a service so often, each time as soon as it has a new process, and time its return.

        The supervisor is not asked meanwhile: a question would wake it.
        """
        with connected(self._site) as supervisor:
            if supervisor is None:
                raise SystemExit("the supervisor does not answer")
            parent = psutil.Process(supervisor.pid())
            victim = parent if name == SUPERVISOR else psutil.Process(supervisor.process(name).pid)
        for _ in range(kills):
            others = {each.pid for each in parent.children()}
            remains = [] if name == SUPERVISOR else victim.children(recursive=True)
            killed, killed_at = time.monotonic(), time.time()
            victim.kill()
            if name == SUPERVISOR:
                self._until(lambda: self._has_new_supervisor(parent))
            else:
                self._until(lambda: bool(new_child(parent, others)))  # noqa: B023  # called before the next turn
                victim = new_child(parent, others)[0]
            started = time.monotonic() - killed
        self._until(lambda: not any(each.is_running() for each in remains))  # a worker that still answers
        self._until(lambda: self._is_back(name))
        ready, ready_at = time.monotonic() - killed, time.time()
        self._until(lambda: self._works(name, killed_at, ready_at))
        working = time.monotonic() - killed
        return Absence(name, kills, started, ready, working, self._processor_seconds(name), os.getloadavg()[0])

    def _processor_seconds(self, name: str) -> float:
        with connected(self._site) as supervisor:
            processes = supervisor.processes() if supervisor is not None else ()
            pids = [process.pid for process in processes if name in {process.name, SUPERVISOR}]
        return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)

    def _has_new_supervisor(self, old: psutil.Process) -> bool:
        try:
            with connected(self._site) as supervisor:
                return (
                    supervisor is not None
                    and supervisor.pid() != old.pid
                    and all(process.pid for process in supervisor.processes())
                )
        except OSError:
            return False

    def _is_back(self, name: str) -> bool:
        return all(map(self._is_ready, self._services)) if name == SUPERVISOR else self._is_ready(name)

    def _is_ready(self, name: str) -> bool:
        try:
            ask(self._services[name].ready)
        except NotReady:
            return False
        return True

    def _works(self, name: str, killed_at: float, ready_at: float) -> bool:
        """Whether a service has done, since it was killed, what it is there for; a server: since it answered."""
        if name in STAGES:
            return self._processed_at(name) > killed_at
        if name == "prometheus":
            return any(float(each["value"][1]) > killed_at for each in prometheus_samples(self._site, "timestamp(up)"))
        if name in {"mongo", "kafka", SUPERVISOR}:
            return self._all_work(ready_at)
        return True

    def _all_work(self, since: float) -> bool:
        return all(self._processed_at(name) > since for name in STAGES)

    def _processed_at(self, name: str) -> float:
        url = self._site.url(getattr(self._site.ports, name), "/metrics")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return 0.0
        return max((float(line.rpartition(" ")[2]) for line in lines if line.startswith(PROCESSED)), default=0.0)

    @staticmethod
    def _until(is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + GIVE_UP_SECONDS
        while not is_so():
            if time.monotonic() > end:
                raise SystemExit(f"nothing came back within {GIVE_UP_SECONDS:.0f} s")
            time.sleep(LOOK_SECONDS)


def new_child(parent: psutil.Process, known: Collection[int]) -> list[psutil.Process]:
    """The children of a process that it did not have before."""
    return [each for each in parent.children() if each.pid not in known]


@contextmanager
def plants(folder: Path, devices: int, roots: Sequence[Path]) -> Iterator[list[LocalStack]]:
    """Run a stack of each checkout, with the model of this one."""
    with ExitStack() as stack:
        made = []
        for number, root in enumerate(roots):
            plant = replace(stack.enter_context(a_stack(folder / f"var{number}", QUIET)), root=root)
            for name in ("models", "secrets"):  # the model, and the key that it is signed with
                shutil.copytree(Site().var / name, plant.site.var / name)
            started = plant.say("up", "--devices", str(devices))
            if started.returncode:
                raise SystemExit(started.stdout + started.stderr)
            made.append(plant)
        yield made


def play(
    plants: Sequence[LocalStack], kills: int, only: Sequence[str], *, note: Callable[[str], None]
) -> list[list[Absence]]:
    """Kill every service of every plant `kills` times, in random order; returns the absences of each plant."""
    sites = [Absences(plant.site) for plant in plants]
    found: list[list[Absence]] = [[] for _ in sites]
    rng = random.Random(1)
    with suppress(KeyboardInterrupt):  # whoever has no time left sees what there is
        for number in range(kills):
            names = [name for name in sites[0].names if not only or name in only]
            rng.shuffle(names)
            for name in names:
                for site, absences in zip(sites, found, strict=True):
                    site.calm()
                    burst = (
                        number % BURST == BURST - 1 and name != SUPERVISOR
                    )  # nobody watches one that does not run yet
                    absence = site.of(name, kills=BURST if burst else 1)
                    absences.append(absence)
                    note(
                        f"{name:12} {absence.kills}x: started {absence.started:5.2f}, ready {absence.ready:5.2f}, "
                        f"working {absence.working:5.2f}, "
                        f"processor {absence.processor:5.2f} s (load {absence.load:.1f})"
                    )
    return found


def table(absences: Sequence[Absence], devices: int) -> sheet.BenchTable:
    """A row for each service: medians and maxima."""
    rows = []
    for name in dict.fromkeys(each.which for each in absences):
        own = [each for each in absences if each.which == name]
        columns = ([each.started for each in own], [each.ready for each in own], [each.working for each in own],
                   [each.processor for each in own])  # fmt: skip
        rows.append((name, str(len(own)), *(f"{statistics.median(each):.1f}, {max(each):.1f}" for each in columns)))
    loads = [each.load for each in absences]
    return sheet.BenchTable(
        "How long a killed service is away",
        ("service", "times", "new process after, s", "answers after, s", "works after, s", "processor, s"),
        tuple(sorted(rows)),
        note=f"Median and maximum, in seconds since SIGKILL, with {devices} machines that send a reading a second. "
        f"Every third time, a service was killed {BURST} times, each time as soon as there was a new process; the last "
        "kill counts. Works: a service of the pipeline has finished a batch; after a kill of broker, database or "
        "supervisor all of them have; Prometheus has scraped. Processor: what the new process had taken by then, which "
        f"hardly depends on other work. Load {min(loads):.0f} to {max(loads):.0f} on {os.cpu_count()} cores; the limit "
        f"is {LIMIT_SECONDS:.0f} s, for the supervisor {SUPERVISOR_SECONDS:.0f} s, or that times the load of a core.",
    )


def compared(before: Sequence[Absence], after: Sequence[Absence], revision: str) -> sheet.BenchTable:
    """A row for each service: medians of both versions, and their ratio."""
    rows = []
    for name in sorted({each.which for each in after}):
        own = [[each for each in some if each.which == name] for some in (before, after)]
        times = [[each.working for each in some] for some in own]
        medians = [statistics.median(some) for some in times]
        processor = [statistics.median(each.processor for each in some) for some in own]
        rows.append(
            (name, *(f"{statistics.median(some):.1f}, {max(some):.1f}" for some in times),
             f"{medians[1] / medians[0]:.2f}", *(f"{some:.1f}" for some in processor),
             f"{processor[1] / processor[0]:.2f}")
        )  # fmt: skip
    return sheet.BenchTable(
        "The same beside an earlier version",
        ("service", "before, s", "now, s", "ratio", "processor before, s", "now, s", "ratio"),
        tuple(rows),
        note=f"Until a service worked again, median and maximum; {revision} and this version ran at the same time, and "
        "were killed in turns.",
    )


def main() -> None:
    """Measure, print and store the result; fails if a service was away for too long."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.absence", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=10, help="of each service (10)")
    parser.add_argument("--devices", type=int, default=100, help="machines, each one reading a second (100)")
    parser.add_argument("--only", nargs="*", default=(), help="services to kill; all by default")
    parser.add_argument("--before", help="a git revision whose stack runs beside this one")
    options = parser.parse_args()
    console, facts = sheet.wide_console(), machine.facts()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        roots = [ROOT]
        if options.before:
            earlier = stack.enter_context(files_of(options.before))
            if earlier is None:
                raise SystemExit(f"there is no {options.before} in this clone")
            (earlier / "var").mkdir(exist_ok=True)
            (earlier / "var" / "cache").symlink_to(Site().cache)
            roots.append(earlier)
        made = stack.enter_context(plants(Path(folder), options.devices, roots))
        found = play(made, options.kills, options.only, note=lambda text: console.print(text, markup=False))
    tables = [table(found[0], options.devices)]
    if options.before:
        tables.append(compared(found[1], found[0], options.before))
    command = f"./et bench.absence --kills {options.kills} --devices {options.devices}"
    sheet.publish(
        "absence", command + (f" --before {options.before}" if options.before else ""), facts, tables, console
    )
    late = [f"{each.which} {each.working:.0f} s of {each.limit:.0f}" for each in found[0] if each.working > each.limit]
    if late:
        raise SystemExit(f"away for too long: {', '.join(late)}")


if __name__ == "__main__":
    main()
