"""Live connections over real sockets: who is let in, who is cut off, and what a client that does not read costs."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial

import pytest
from werkzeug.serving import make_server

from control_api.app import attach_live
from control_api.live.service import LiveUpdates
from control_api.live.sockets import INTRODUCTION_SECONDS
from energytrack.bus import Record
from energytrack.consume import Taken
from energytrack.topics import READINGS
from testkit.builders.messages import a_reading
from testkit.clients.live import Conversation, LiveClient, stuck, watching
from testkit.patience import seconds_here
from testkit.stack.servers import eventually
from testkit.stand_ins.grafana import GrafanaStandIn
from tests.integration.control_api.conftest import ORIGIN, ApiUnderTest

MORE_THAN_A_LINE_HOLDS = 400
"""Messages of a large fleet."""

OF_A_CLIENT = 5
"""Threads: one in the client, and those that answer, read, write and ping in the service."""


@pytest.fixture
def live(plant: ApiUnderTest) -> LiveUpdates:
    return attach_live(plant.app, plant.services)


@pytest.fixture
def url(plant: ApiUnderTest, live: LiveUpdates) -> Iterator[str]:
    """The API on a port."""
    server = make_server("127.0.0.1", 0, plant.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def as_(login: str) -> dict[str, str]:
    """A browser with somebody's Grafana session, on a page of ours."""
    return {"Cookie": f"grafana_session=session-of-{login}", "Origin": ORIGIN}


def clients(plant: ApiUnderTest) -> float | None:
    return plant.services.registry.get_sample_value("energytrack_control_live_clients")


def dropped(plant: ApiUnderTest) -> float | None:
    return plant.services.registry.get_sample_value("energytrack_control_live_dropped_total")


def says(plant: ApiUnderTest, live: LiveUpdates, *device_ids: str, temperature: float) -> None:
    """Machines have sent readings."""
    at = plant.clock.now()
    readings = [a_reading(device_id, timestamp=at, temperature=temperature) for device_id in device_ids]
    live.take([Taken(Record(READINGS, 0, 0, None, None), reading) for reading in readings])


def _has_heard(client: LiveClient, at: datetime) -> bool:
    return "cnc-0007" in client.devices and client.devices["cnc-0007"][1] == at.timestamp()


def test_nobody_watches_without_a_session(plant: ApiUnderTest, url: str) -> None:
    """A stranger is refused, and so is a page of another origin with a good session."""
    for headers in ({"Origin": ORIGIN}, as_("mallory"), as_("maria") | {"Origin": "https://evil.example"}):
        with closing(LiveClient(url, headers)) as client:
            assert client.ended.wait(seconds_here(15))
            assert client.refused
            assert client.latest == {}
    assert clients(plant) == 0


def test_news_go_to_those_who_watch(plant: ApiUnderTest, live: LiveUpdates, url: str) -> None:
    """Coalesced, in the rooms of fleet, line and device; each hears of a machine once."""
    with (
        watching(url, as_("victor"), "fleet") as fleet,
        watching(url, as_("victor"), "line:press-shop") as line,
        watching(url, as_("maria"), "device:press-0001") as device,
    ):
        for temperature in (60.0, 61.0, 62.0):
            plant.clock.advance(0.1)
            says(plant, live, "press-0001", "press-0002", "cnc-0001", temperature=temperature)
        live.send_changed_machines()
        eventually(lambda: {"press-0001", "press-0002", "cnc-0001"} <= fleet.devices.keys())
        eventually(lambda: {"press-0001", "press-0002"} == line.devices.keys())
        eventually(lambda: {"press-0001"} == device.devices.keys())
        assert device.devices["press-0001"][3] == 62.0
        assert len(fleet.latest["devices"]) == 3, "three readings of a machine are one update"


def test_a_client_that_does_not_read_is_dropped(plant: ApiUnderTest, live: LiveUpdates, url: str) -> None:
    """Its line is cut and its thread ends; the others lose nothing."""
    device_ids = [device.device_id for device in plant.services.plant.devices]
    rng = random.Random(7)  # noqa: S311  # digits that do not compress
    before = set(threading.enumerate())
    with stuck(url, as_("victor")), watching(url, as_("maria"), "fleet") as maria:
        assert clients(plant) == 2
        for _ in range(MORE_THAN_A_LINE_HOLDS):
            plant.clock.advance(1)
            now = plant.clock.now()
            readings = [a_reading(device_id, timestamp=now, temperature=rng.random()) for device_id in device_ids]
            live.take([Taken(Record(READINGS, 0, 0, None, None), reading) for reading in readings])
            live.send_changed_machines()
            eventually(partial(_has_heard, maria, now), pause=0.005)
            if dropped(plant):
                break
        assert dropped(plant) == 1
        assert clients(plant) == 1
        others = 2  # Socket.IO's own, and the one that was to ping victor, which sleeps until it is time for it
        eventually(lambda: len(set(threading.enumerate()) - before) <= OF_A_CLIENT + others)
        assert not maria.ended.is_set()


def test_who_may_no_more_is_cut_off(plant: ApiUnderTest, live: LiveUpdates, url: str, grafana: GrafanaStandIn) -> None:
    """A session that ended in Grafana hears nothing any more; nobody else notices."""
    with watching(url, as_("victor"), "fleet") as victor, watching(url, as_("maria"), "fleet") as maria:
        del grafana.roles["victor"]
        plant.clock.advance(31)
        live.check_again()
        assert victor.ended.wait(seconds_here(15))
        says(plant, live, "cnc-0001", temperature=99.0)
        live.send_changed_machines()
        eventually(lambda: maria.devices.get("cnc-0001", [None] * 4)[3] == 99.0)
        assert "cnc-0001" not in victor.devices
        assert clients(plant) == 1


def test_signing_out_cuts_the_line(plant: ApiUnderTest, live: LiveUpdates, url: str) -> None:
    """A session of our own that is ended in the database, and one whose time is over."""
    credentials = plant.services.credentials
    held = [
        credentials.issue("session", name="anna", role="Admin", by="test", lasts=timedelta(hours=hours))
        for hours in (12, 1)
    ]
    cookies = [{"Cookie": f"energytrack_session={written}", "Origin": ORIGIN} for _, written in held]
    with watching(url, cookies[0], "fleet") as signed_out, watching(url, cookies[1], "fleet") as expired:
        plant.services.store.tokens.revoke(held[0][0].token_id, plant.clock.now())
        plant.clock.advance(31)
        live.check_again()
        assert signed_out.ended.wait(seconds_here(15))
        assert not expired.ended.is_set()
        plant.clock.advance(3600)
        live.check_again()
        assert expired.ended.wait(seconds_here(15))
    eventually(lambda: clients(plant) == 0)


def test_who_asks_without_end_is_cut_off(plant: ApiUnderTest, url: str) -> None:
    """Each change of rooms costs a look at everything; a page changes them once."""
    with watching(url, as_("victor"), "fleet") as victor, watching(url, as_("maria"), "fleet") as maria:
        for _ in range(40):
            if victor.ended.is_set():
                break
            victor.watch("line:press-shop")
        assert victor.ended.wait(seconds_here(15))
        assert not maria.ended.is_set()


def test_a_token_is_sent_in_a_header_or_in_socketios_own_way(plant: ApiUnderTest, live: LiveUpdates, url: str) -> None:
    """Pages cannot set headers; a wrong token is refused either way."""
    _, token = plant.services.credentials.issue("token", name="wall", role="Viewer", by="test", lasts=timedelta(days=1))
    with closing(LiveClient(url, {"Authorization": f"Bearer {token}"})) as client:
        client.watch("fleet")
    with closing(LiveClient(url, {}, {"token": token})) as client:
        client.watch("fleet")
        live.check_again()
        assert not client.ended.is_set()
    for auth in ({"token": token[:-1]}, {"token": "x\ny"}, {}):
        with closing(LiveClient(url, {}, auth)) as client:
            assert client.ended.wait(seconds_here(20))
            assert client.refused


def test_whoever_does_not_introduce_himself_is_cut_off(plant: ApiUnderTest, live: LiveUpdates, url: str) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 20) as line:
        line.sendall(Conversation(host, {}).outgoing)
        assert line.recv(12) == b"HTTP/1.1 101"
        assert eventually(live.sockets._strangers, 20)
        live.send_changed_machines()
        plant.clock.advance(INTRODUCTION_SECONDS + 1)
        live.send_changed_machines()
        while line.recv(4096):
            pass  # until the service ends the connection
    assert eventually(lambda: not live.sockets._strangers(), 20)
