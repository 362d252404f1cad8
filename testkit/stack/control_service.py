"""The control API as a separate process, and machines that obey it; for tests and benchmarks on real servers."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Final

import httpx
from ulid import ULID

from control_api.auth.credentials import Credentials
from control_api.auth.identity import Role
from energytrack.bus import Bus
from energytrack.clock import SystemClock
from energytrack.decoding.parsing import parse_command
from energytrack.events import CommandResult, StateChanged
from energytrack.fields import Action, State
from energytrack.messages import Command, encode
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from energytrack.topics import COMMANDS, EVENTS
from local.lifecycle.child import Child
from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import Site
from testkit.patience import seconds_here
from testkit.stack.servers import started

AFTER: Final[dict[Action, State]] = {"shutdown": "stopped", "restart": "running"}


def control_api_service(site: Site, env: Mapping[str, str]) -> ServiceDefinition:
    """The service on the site's port."""
    port = site.ports.control_api
    return ServiceDefinition(
        name="control_api",
        purpose="takes orders",
        command=(sys.executable, "-m", "control_api"),
        ready=HttpAnswers(site.url(port, "/healthz")),
        ports=("control_api",),
        env={**env, "ENERGYTRACK_CONTROL_API_PORT": str(port)},
    )


@contextmanager
def serving(site: Site, env: Mapping[str, str]) -> Iterator[Child]:
    """The service while it runs."""
    with started(control_api_service(site, env), site) as child:
        yield child


@contextmanager
def obedient_machines(bus: Bus) -> Iterator[Mapping[str, float]]:
    """Machines that carry out orders at once; records the seconds that each order took, by its command_id."""
    stop, clock = threading.Event(), SystemClock()
    took: dict[str, float] = {}

    def obey() -> None:
        with closing(bus.sink()) as sink, closing(bus.source("simulator", [COMMANDS], linger=0.0)) as source:
            while not stop.is_set():
                taken, began = source.take(100, 0.2), clock.monotonic()
                for record in taken:
                    command = parse_command(record.value, clock.now())
                    for event in answers(command, clock.now()):
                        sink.put(EVENTS, event.device_id, encode(event))
                    sink.flush()
                    took[command.command_id] = clock.monotonic() - began
                source.commit()

    thread = threading.Thread(target=obey)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()


def answers(command: Command, now: datetime) -> tuple[CommandResult, StateChanged]:
    """The answer of a machine that has carried out its order."""
    state = AFTER[command.action]
    return (
        CommandResult(
            event_id=f"r-{command.command_id}",
            device_id=command.device_id,
            timestamp=now,
            command_id=command.command_id,
            action=command.action,
            outcome="done",
            state=state,
            detail="ramped",
        ),
        StateChanged(event_id=f"s-{command.command_id}", device_id=command.device_id, timestamp=now, state=state),
    )


def control_api(names: Mapping[str, str], *arguments: str) -> str:
    """The output of a command of the control API."""
    ran = subprocess.run(
        [sys.executable, "-m", "control_api", *arguments],
        env={**os.environ, **names, "COLUMNS": "200"},
        check=True,
        capture_output=True,
        text=True,
    )
    return ran.stdout.strip()


def a_token(names: Mapping[str, str], name: str, role: Role) -> str:
    """A script's token, filed at once: the command that people use for it takes seconds to start."""
    clock = SystemClock()
    with closing(open_store(MongoSettings.from_env(names))) as store:
        credentials = Credentials(store.tokens, clock, lambda: str(ULID.from_datetime(clock.now())))
        _, written = credentials.issue("token", name=name, role=role, by="test", lasts=timedelta(days=1))
    return written


def an_editor(names: Mapping[str, str], url: str) -> httpx.Client:
    """A client with the rights of a script that may act."""
    token = a_token(names, "test", "Editor")
    return httpx.Client(base_url=url, timeout=seconds_here(15), headers={"Authorization": f"Bearer {token}"})
