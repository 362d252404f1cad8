"""The service as it runs: its own process, real Kafka, a real database."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from energytrack.bus import Bus
from energytrack.bus.open import open_bus
from energytrack.clock import SystemClock
from energytrack.messages import CommandResult, encode, parse_command
from energytrack.settings import KafkaSettings
from energytrack.topics import COMMANDS, EVENTS, TOPICS
from local.child import Child, started
from local.service import HttpAnswers, Service
from local.site import Site
from tests.servers import eventually, site_in

Names = dict[str, str]


@pytest.fixture
def names(kafka_servers: str, mongo_uri: str, topic_prefix: str, mongo_database: str) -> Names:
    """The service's environment."""
    return {
        "ENERGYTRACK_KAFKA_SERVERS": kafka_servers,
        "ENERGYTRACK_KAFKA_TOPIC_PREFIX": topic_prefix,
        "ENERGYTRACK_KAFKA_PARTITIONS": "3",
        "ENERGYTRACK_MONGO_URI": mongo_uri,
        "ENERGYTRACK_MONGO_DATABASE": mongo_database,
        "ENERGYTRACK_CONTROL_API_PATIENCE_SECONDS": "2",
    }


@contextmanager
def serving(site: Site, env: Names) -> Iterator[Child]:
    port = site.ports.control_api
    service = Service(
        name="control_api",
        purpose="takes orders",
        command=(sys.executable, "-m", "control_api"),
        ready=HttpAnswers(site.url(port, "/healthz")),
        ports=("control_api",),
        env={**env, "ENERGYTRACK_CONTROL_API_PORT": str(port)},
    )
    with started(service, site) as child:
        yield child


@contextmanager
def machines(bus: Bus) -> Iterator[None]:
    """Machines that do what they are told, at once."""
    stop = threading.Event()

    def answer() -> None:
        sink, clock = bus.sink(), SystemClock()
        with closing(bus.source("simulator", [COMMANDS], linger=0.0)) as source:
            while not stop.is_set():
                for record in source.take(100, 0.2):
                    command = parse_command(record.value, clock.now())
                    result = CommandResult(
                        event_id=f"e-{command.command_id}",
                        device_id=command.device_id,
                        timestamp=clock.now(),
                        command_id=command.command_id,
                        action=command.action,
                        outcome="done",
                        state="stopped",
                    )
                    sink.put(EVENTS, command.device_id, encode(result))
                    sink.flush()
                source.commit()
        sink.close()

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_an_order_goes_round_and_the_service_ends_when_told(names: Names, tmp_path: Path) -> None:
    """From the request over Kafka to a machine, its answer over Kafka into the database; SIGTERM ends it cleanly."""
    bus = open_bus(KafkaSettings.from_env(names), "test")
    bus.create_topics(TOPICS)
    site = site_in(tmp_path)
    with (
        machines(bus),
        serving(site, names) as child,
        an_editor(names, site.url(site.ports.control_api, "")) as api,
    ):
        response = api.post("/api/shutdown", json={"device_id": "press-0001", "reason": "test", "override": True})
        assert response.status_code == 202, response.text
        shown = eventually(
            lambda: (found := api.get(response.headers["Location"]).json())["status"] == "done" and found, 30
        )
        assert shown["device_state"] == "stopped"
        assert "energytrack_control_orders_total" in api.get("/metrics").text
        assert child.terminate() == 0


def test_without_a_broker_an_order_is_refused_in_time(names: Names, tmp_path: Path) -> None:
    """It says so within seconds, and goes on serving what it can."""
    site = site_in(tmp_path)
    nowhere = f"127.0.0.1:{site.ports.kafka}"
    with (
        serving(site, {**names, "ENERGYTRACK_KAFKA_SERVERS": nowhere}),
        an_editor(names, site.url(site.ports.control_api, "")) as api,
    ):
        response = api.post("/api/restart", json={"device_id": "press-0001", "reason": "test"})
        assert response.status_code == 503
        assert response.json()["type"] == "urn:energytrack:problem:kafka_away"
        assert api.get("/api/devices/press-0001").json()["open_order"] is None


def test_tokens_come_and_go_by_the_command_line(names: Names) -> None:
    """Made and shown once, listed without their secrets, ended by hand."""
    made = control_api(names, "tokens", "create", "--name", "line-a", "--role", "Viewer", "--days", "0")
    assert re.fullmatch(r"et_[0-9A-Z]{26}_[\w-]{43}", made)
    token_id = made.split("_")[1]
    listed = control_api(names, "tokens", "list")
    assert "line-a" in listed
    assert made.split("_", 2)[2] not in listed
    assert "lets nobody in" in control_api(names, "tokens", "revoke", token_id)
    assert "/control/sign-in#code=et_" in control_api(names, "link")


def control_api(names: Names, *arguments: str) -> str:
    """What a command of the control API says."""
    ran = subprocess.run(
        [sys.executable, "-m", "control_api", *arguments],
        env={**os.environ, **names, "COLUMNS": "200"},
        check=True,
        capture_output=True,
        text=True,
    )
    return ran.stdout.strip()


def an_editor(names: Names, url: str) -> httpx.Client:
    """A script that may act."""
    token = control_api(names, "tokens", "create", "--name", "test", "--role", "Editor")
    return httpx.Client(base_url=url, timeout=15, headers={"Authorization": f"Bearer {token}"})
