"""Starts the stack: checks, preparations, then step by step."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from rich.console import Console

from energytrack.clock import Clock
from local.errors import CannotPrepare
from local.lifecycle.checks import check_all, check_folder, check_restored
from local.lifecycle.child import tail
from local.lifecycle.class_archive import made_class_archive
from local.lifecycle.first_model import train_first_model, why_train
from local.lifecycle.progress import Rows
from local.lifecycle.running import RunningJob, SupervisedService
from local.lifecycle.start import Launch, StartedStep, bring_up
from local.lifecycle.stop import clear_remains
from local.lifecycle.supervisord import Supervisor, connected, launch, pid_path, write_configuration
from local.services.catalogue import services, steps
from local.services.centre import prepare_centre
from local.services.definition import ServiceDefinition, Step
from local.services.kafka import prepare_kafka, resolve_jars
from local.services.mirror import prepare_mirror
from local.services.mongo import prepare_mongo
from local.services.observability import prepare_prometheus
from local.site import Site
from local.terminal.start_table import start_shown, step_shown

AGAIN_SECONDS: Final = 3.0
"""Delay between two attempts to restart the services of a killed supervisor."""
SUPERVISOR_SECONDS: Final = 15.0
"""How long supervisord may take to answer."""


def start(site: Site, *, console: Console, clock: Clock, foreground: bool, again: bool = False) -> Rows:
    """Start everything that does not run yet; raises CannotPrepare if that is impossible.

    `again` is for a stack that has lost its supervisor: its files are written while its services still work, and then
    they need not wait for each other, because there are topics and users. Nothing else is made: no archive, no model,
    none of the page's libraries.
    """
    problems = [*check_folder(site.var), *check_restored(site.var)]
    if problems:
        raise CannotPrepare("\n".join(problems))
    with _alone(site):
        with connected(site) as supervisor:
            if again:
                prepare_files(site, console)
            if supervisor is None:
                clear_slate(site, console)
            running = {process.name for process in supervisor.processes() if process.pid} if supervisor else set()
            check_all(site, [service for service in services(site) if service.name not in running])
            if not again:
                prepare(site, console)
            write_configuration(site, services(site))
            if supervisor is None:
                _launch(site, clock, foreground=foreground)
            else:
                supervisor.update()
        with connected(site) as supervisor, start_shown(console) as report:
            if supervisor is None:
                raise CannotPrepare("supervisord ended while the stack was about to start: try again")
            wanted = at_once(steps(site)) if again else steps(site)
            return bring_up(wanted, _launcher(site, supervisor), clock=clock, report=report)


def start_again(site: Site, console: Console, clock: Clock) -> None:
    """Restart the services after their supervisor was killed, as often as necessary: the disk may still be full."""
    while True:
        try:
            start(site, console=console, clock=clock, foreground=False, again=True)
        except (CannotPrepare, OSError) as error:
            console.print(str(error), markup=False)
            clock.sleep(AGAIN_SECONDS)
        else:
            return


def at_once(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps; services are started without waiting for what they need, as one that is restarted is."""
    return tuple(replace(step, needs=()) if isinstance(step, ServiceDefinition) else step for step in steps)


def prepare(site: Site, console: Console) -> None:
    """Preparations before the first service starts, done once or after their input has changed."""
    with step_shown(console, "Apache Kafka, by Maven"):
        resolve_jars(site)
    with step_shown(console, "an archive of its classes, for quick starts"):
        made_class_archive(site, lambda line: console.print(line, markup=False))
    prepare_files(site, console)
    if site.plants:
        return
    with step_shown(console, "the operators' page, by npm"):
        page = fetch_page(site)
    if page:
        console.print(f"[yellow]The operators' page has no charts:[/] {page}")
    if why := why_train(site):
        console.print(f"{why} Training one on a simulated history.")
        try:
            train_first_model(site)
        except CannotPrepare as error:
            console.print(f"[red]No model:[/] {error}. Starting everything else, without predictions.")


def prepare_files(site: Site, console: Console) -> None:
    """What no service can start without: its configuration, and storage where there is none."""
    with step_shown(console, "configuration and storage"):
        prepare_kafka(site)
        if site.plants:
            prepare_centre(site)
            return
        prepare_mongo(site)
        prepare_prometheus(site, services(site))
        if site.centre.kafka_servers:
            prepare_mirror(site)


def fetch_page(site: Site) -> str:
    """Install the libraries of the operators' page, unless they are there; returns why that failed, or None."""
    command = [sys.executable, "-m", "control_api.web.assets"]
    done = subprocess.run(command, cwd=site.root, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or "npm failed") if done.returncode else ""


def clear_slate(site: Site, console: Console) -> None:
    """Clean up: no processes, no stale process id; move the previous run's logs aside."""
    stale = pid_path(site).exists()
    names = clear_remains(site)
    if names:
        console.print(f"An earlier run ended abnormally; ended the processes that it left behind: {names}.")
    elif stale:
        console.print(f"An earlier run ended abnormally; removed its stale {pid_path(site).name}.")
    previous = site.logs.with_suffix(".previous")
    if any(site.logs.iterdir()):
        shutil.rmtree(previous, ignore_errors=True)
        site.logs.rename(previous)
        site.logs.mkdir()


def _launch(site: Site, clock: Clock, *, foreground: bool) -> None:
    """Start supervisord and return when it answers."""
    process = launch(site, foreground=foreground)
    deadline = clock.monotonic() + SUPERVISOR_SECONDS
    while process.poll() is None and clock.monotonic() < deadline:
        with connected(site) as supervisor:
            if supervisor is not None:
                return
        clock.sleep(0.05)
    raise CannotPrepare(f"supervisord did not start:\n{tail(site.log('supervisord'))}")


def _launcher(site: Site, supervisor: Supervisor) -> Launch:
    def launch_step(step: Step) -> StartedStep:
        return (
            SupervisedService(step, supervisor, site) if isinstance(step, ServiceDefinition) else RunningJob(step, site)
        )

    return launch_step


@contextmanager
def _alone(site: Site) -> Iterator[None]:
    """Prevents two starts of one site at the same time; the kernel releases the lock when this process ends."""
    descriptor = os.open(site.var, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise CannotPrepare(f"Another process is starting the stack in {site.var} right now.") from error
    finally:
        os.close(descriptor)
