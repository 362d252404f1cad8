"""A database that somebody's query keeps busy: people see what was last known, and how old it is."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from energytrack.store import Store
from local.lifecycle.child import Child
from local.services.mongo import mongo_uri as mongo_uri_of
from testkit.builders.control import a_store
from testkit.patience import seconds_here
from testkit.stack.servers import mongo_running, site_in
from tests.integration.control_api.conftest import ApiUnderTest


@pytest.fixture
def database(tmp_path: Path) -> Iterator[tuple[str, Child]]:
    """One of the test's own."""
    site = site_in(tmp_path)
    with mongo_running(site) as child:
        yield mongo_uri_of(site), child


@pytest.fixture
def store(database: tuple[str, Child]) -> Iterator[Store]:
    with closing(a_store(database[0], "slow")) as opened:
        opened.prepare()
        yield opened


@pytest.fixture
def stall(database: tuple[str, Child]) -> Iterator[Callable[[], None]]:
    """Has the database answer nothing any more until the test is over."""
    process = database[1].process
    yield lambda: process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGCONT)


@pytest.mark.slow
def test_pages_answer_from_what_they_have(plant: ApiUnderTest, stall: Callable[[], None]) -> None:
    """The list and each machine are there within seconds, with their age; an order is not decided by memories."""
    plant.says("press-0001")
    script = plant.script("Editor")
    before = script.get("/api/devices?limit=500").get_json()
    assert before["age_seconds"] == 0.0
    stall()
    plant.clock.advance(41)
    # Who asks is a question to the database too; a person's session is Grafana's to know.
    begin = time.monotonic()
    seen = plant.client.get("/api/devices?limit=500").get_json()
    machine = plant.client.get("/api/devices/press-0001")
    took = time.monotonic() - begin
    assert seen["devices"] == before["devices"]
    assert seen["age_seconds"] == 41.0
    assert (machine.status_code, machine.headers["Age"]) == (200, "41")
    assert took < seconds_here(12)
    refused = plant.client.post("/api/restart", json={"device_id": "press-0001", "reason": "x", "override": True})
    assert refused.status_code == 503
