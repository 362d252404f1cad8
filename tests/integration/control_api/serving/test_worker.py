"""Hundreds of clients that do what costs most: all others are still served."""

import json
import os
import random
import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import httpx
import psutil
import pytest
from wsproto.events import BytesMessage, TextMessage

from control_api.live.sockets import MOST_STRANGERS
from control_api.serving.worker import THREADS, BufferingWorker
from control_api.settings import ControlApiSettings
from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS
from local.services.front_door import caddy_service
from local.site import ROOT, Site
from testkit.clients.live import Conversation, LiveClient
from testkit.clients.slow import (
    CHUNKED_BODY,
    DRIPPED_BODY,
    DRIPPED_HEAD,
    KEPT_OPEN,
    LONG_BODY,
    SILENT,
    STRANGERS_LIVE,
    UNREAD_PAGE,
    UPGRADING_BODY,
    besieged,
    slowest,
)
from testkit.patience import seconds_here
from testkit.stack.bare_control_service import BODY_SECONDS, EACH, LIVE_THREADS, bare_service
from testkit.stack.control_service import a_token, an_editor, serving
from testkit.stack.servers import eventually, site_in, started
from tests.integration.control_api.conftest import Names

CLIENTS = int(os.environ.get("ENERGYTRACK_TEST_CLIENTS", "500"))
SECONDS = float(os.environ.get("ENERGYTRACK_TEST_SIEGE_SECONDS", "60"))
"""The minute that the security page speaks of: three rounds of 20 s."""
FRONT_DOOR_SECONDS = SECONDS / 4
CALM_SECONDS = 3.0
MOST_EACH = ControlApiSettings.from_env({}).live_connections_each
POLLING = "/socket.io/?EIO=4&transport=polling"
CROWDS = {
    DRIPPED_BODY: CLIENTS,
    LONG_BODY: CLIENTS // 5,
    STRANGERS_LIVE: CLIENTS,
    DRIPPED_HEAD: CLIENTS,
    SILENT: CLIENTS,
    CHUNKED_BODY: CLIENTS // 5,
    UNREAD_PAGE: CLIENTS // 5,
    KEPT_OPEN: CLIENTS // 5,
}


@pytest.fixture
def site(names: Names, tmp_path: Path) -> Iterator[Site]:
    """The service, on real servers."""
    open_bus(KafkaSettings.from_env(names), "test").create_topics(TOPICS)
    site = site_in(tmp_path)
    with serving(site, names | {"ENERGYTRACK_CONTROL_API_CHANGES_PER_MINUTE": "10000"}):
        yield site


def order_something(api: httpx.Client) -> None:
    """Somebody orders something, and is answered."""
    answer = api.post("/api/restart", json={"device_id": "press-0001", "reason": "test", "override": True})
    assert answer.status_code in {202, 409}, answer.text


def bound(calm: float) -> float:
    """A second; on a machine that has other work besides, some of what an order takes there in calm."""
    return max(1.0, 5 * calm)


def is_well(url: str) -> None:
    assert httpx.get(f"{url}/healthz", timeout=seconds_here(5)).text == "ready\n"


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_an_order_goes_through_while_hundreds_hold_on(site: Site, names: Names) -> None:
    """Hundreds that send a body, a head or nothing byte by byte, that want live news without saying who they are, or
    that read nothing, for a minute. In each third of it orders follow each other, and the slowest is noted: the median
    of these three is below a second; likewise a look at the health, in three rounds of a second.
    """
    url = site.url(site.ports.control_api, "")
    with an_editor(names, url) as api:
        calm = slowest(lambda: order_something(api), seconds=CALM_SECONDS)
        with besieged(url, *CROWDS.items()):
            order = slowest(lambda: order_something(api), seconds=SECONDS)
            look = slowest(lambda: is_well(url), seconds=CALM_SECONDS)
    print(f"the slowest order: {order:.3f} s ({calm:.3f} s without them), look at the health: {look:.3f} s")  # noqa: T201
    assert order < bound(calm)
    assert look < bound(calm)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_front_door_shows_the_slow_out(site: Site, names: Names) -> None:
    """The same through Caddy, as people come, with two of the kinds, in three rounds of five seconds."""
    with started(caddy_service(site), site):
        url = site.url(site.ports.caddy, "/control/")
        with an_editor(names, url) as api:
            calm = slowest(lambda: order_something(api), seconds=CALM_SECONDS)
            with besieged(url, (DRIPPED_BODY, CLIENTS), (STRANGERS_LIVE, CLIENTS)):
                order = slowest(lambda: order_something(api), seconds=FRONT_DOOR_SECONDS)
    print(f"the slowest order through the front door: {order:.3f} s ({calm:.3f} s without them)")  # noqa: T201
    assert order < bound(calm)


def test_the_front_door_gives_a_body_more_time_than_the_control_api() -> None:
    """Over a slow line a file takes a minute; the front door would end the request without a sentence."""
    front_door = (ROOT / "proxy" / "Caddyfile").read_text(encoding="utf-8")
    seconds = re.search(r"read_body (\d+)s", front_door)
    assert seconds is not None
    assert float(seconds[1]) > BufferingWorker.body_seconds


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_hundreds_of_honest_clients_watch(site: Site, names: Names) -> None:
    """Hundreds of live clients are all let in, and an order beside them takes less than a second."""
    url = site.url(site.ports.control_api, "")
    tokens = [a_token(names, f"hall-{number}", "Viewer") for number in range(-(-CLIENTS // MOST_EACH))]
    with an_editor(names, url) as api, ExitStack() as leaving:
        calm = slowest(lambda: order_something(api), seconds=CALM_SECONDS)
        clients = [leaving.enter_context(closing(_watcher(url, token))) for token in tokens for _ in range(MOST_EACH)]
        eventually(lambda: all("connect" in client.latest for client in clients), 60)
        order = slowest(lambda: order_something(api), seconds=CALM_SECONDS)
        look = slowest(lambda: is_well(url), seconds=CALM_SECONDS)
        print(f"beside {len(clients)} live clients: the slowest order {order:.3f} s, look at the health {look:.3f} s")  # noqa: T201
        assert order < bound(calm)
        assert look < bound(calm)
        assert not any(client.ended.is_set() for client in clients)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_one_person_leaves_room_for_others_to_watch(site: Site, names: Names) -> None:
    """One caller opens as many connections as possible: the last is refused with the reason, all others get in."""
    url = site.url(site.ports.control_api, "")
    greedy, wall = a_token(names, "greedy", "Viewer"), a_token(names, "wall", "Viewer")
    with ExitStack() as leaving:
        many = [leaving.enter_context(closing(_watcher(url, greedy))) for _ in range(2 * MOST_EACH)]
        assert eventually(lambda: sum(client.refused for client in many) == MOST_EACH, 60)
        assert sum("connect" in client.latest for client in many) == MOST_EACH
        refused = httpx.get(f"{url}{POLLING}", headers={"Authorization": f"Bearer {greedy}"})
        assert refused.status_code == 429
        assert str(MOST_EACH) in refused.json()["detail"]
        by_message = leaving.enter_context(closing(LiveClient(url, {}, {"token": greedy})))
        assert by_message.ended.wait(seconds_here(20))
        assert by_message.refused
        leaving.enter_context(closing(_watcher(url, wall))).watch("fleet")
        next(client for client in many if not client.refused).close()
        assert eventually(lambda: _gets_in(url, greedy), 20)


def _gets_in(url: str, token: str) -> bool:
    with closing(_watcher(url, token)) as client:
        return bool(eventually(lambda: "connect" in client.latest or client.refused, 20)) and not client.refused


def _watcher(url: str, token: str) -> LiveClient:
    return LiveClient(url, {"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def bare() -> Iterator[tuple[str, int]]:
    """The server alone, with few threads: its address and its port."""
    with bare_service() as address:
        yield address


WATCHER = {"Authorization": "Bearer x"}


def answered(port: int, asked: bytes) -> bytes:
    """The status line's beginning that one request gets."""
    with socket.create_connection(("127.0.0.1", port), seconds_here(20)) as line:
        line.sendall(asked)
        return line.recv(12)


def test_a_long_body_holds_no_thread_that_others_need(bare: tuple[str, int]) -> None:
    """However many hold on to one, whatever else they ask for: work is done, and live clients come in."""
    url, _ = bare
    with besieged(url, (LONG_BODY, 2 * LIVE_THREADS), (UPGRADING_BODY, 2 * LIVE_THREADS)):
        assert httpx.post(f"{url}/work", content=b"{}", timeout=seconds_here(5)).text == "2 bytes\n"
        with closing(LiveClient(url, WATCHER)) as client:
            client.watch("fleet")


def test_a_long_body_has_to_arrive_in_time(bare: tuple[str, int]) -> None:
    """Not only each part of it; one that does so is read."""
    url, port = bare
    assert httpx.post(f"{url}/work", content=b"x" * 200_000, timeout=seconds_here(20)).text == "200000 bytes\n"
    with socket.create_connection(("127.0.0.1", port), seconds_here(20)) as line:
        line.sendall(b"POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
        line.settimeout(1)
        begun = time.monotonic()
        with suppress(OSError):
            while not _has_answer(line):
                assert time.monotonic() - begun < seconds_here(2 * BODY_SECONDS)
                line.sendall(b"x")
    assert time.monotonic() - begun > BODY_SECONDS / 2


def _has_answer(line: socket.socket) -> bool:
    try:
        line.recv(12)
    except TimeoutError:
        return False
    return True


def test_a_stranger_who_polls_holds_one_thread(bare: tuple[str, int]) -> None:
    """Socket.IO's long polling: a session asks one question at a time."""
    url, port = bare
    session = json.loads(httpx.get(f"{url}{POLLING}").text.removeprefix("0"))["sid"]
    asked = f"GET {POLLING}&sid={session} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(3 * LIVE_THREADS):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))
            line.sendall(asked)
        client = stack.enter_context(closing(LiveClient(url, WATCHER)))
        client.watch("fleet")


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_caller_holds_few_threads_whatever_they_leave_out(bare: tuple[str, int], transport: str) -> None:
    """Connections are counted from their first request on: nobody need say a word of Socket.IO to hold one."""
    url, port = bare
    caller = {"Authorization": f"Bearer {transport}"}
    asked = f"GET /socket.io/?EIO=4&transport={transport} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {transport}\r\n"
    if transport == "websocket":
        asked += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        asked += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    with ExitStack() as stack:
        address = ("127.0.0.1", port)
        lines = [
            stack.enter_context(socket.create_connection(address, seconds_here(20))) for _ in range(2 * LIVE_THREADS)
        ]
        for line in lines:
            line.sendall(f"{asked}\r\n".encode())
        answers = [line.recv(12) for line in lines]
        assert sum(status in {b"HTTP/1.1 101", b"HTTP/1.1 200"} for status in answers) == EACH, answers
        assert httpx.get(f"{url}{POLLING}", headers=caller).status_code == 429
        client = stack.enter_context(closing(LiveClient(url, WATCHER)))
        client.watch("fleet")


def test_a_live_connection_that_its_library_closes_late_ends_nothing(bare: tuple[str, int]) -> None:
    """It did: the next client got its number, which the loop still knew, and everybody's connections ended."""
    url, port = bare
    asked = b"GET /left HTTP/1.1\r\nHost: a\r\nUpgrade: any\r\n\r\n"
    with closing(LiveClient(url, WATCHER)) as other, ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port), seconds_here(20))) for _ in range(9)]
        for line in lines:
            line.sendall(asked)
            assert line.recv(12) == b"HTTP/1.1 200"
        assert eventually(lambda: httpx.get(f"{url}/closed").text == str(len(lines)), 20)
        for _ in range(20):
            assert answered(port, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") == b"HTTP/1.1 200"
        other.watch("fleet")


def test_a_session_that_polls_keeps_no_connection_open(bare: tuple[str, int]) -> None:
    """Its first request is kept as long as the session; the socket of that request is not."""
    url, port = bare
    children = psutil.Process().children(recursive=True)
    worker = next(each for each in children if _listens(each, port) and not each.children())
    with ExitStack() as stack:
        before = worker.num_fds()
        for _ in range(EACH):
            client = stack.enter_context(httpx.Client(headers={"Authorization": "Bearer polls"}))
            assert client.get(f"{url}{POLLING}").status_code == 200
            client.close()
        assert eventually(lambda: worker.num_fds() <= before + 2, 20)


def _listens(process: psutil.Process, port: int) -> bool:
    try:
        return any(each.laddr.port == port for each in process.net_connections() if each.status == psutil.CONN_LISTEN)
    except psutil.Error:  # it has just ended
        return False


def test_files_that_nobody_reads_hold_no_thread_of_orders(bare: tuple[str, int]) -> None:
    """They take as long as the client likes, so they have threads of their own."""
    url, port = bare
    asked = b"GET /api/table.csv HTTP/1.1\r\nHost: a\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(3 * THREADS["exports"]):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), seconds_here(20)))
            line.sendall(asked)
        assert httpx.post(f"{url}/work", content=b"12", timeout=seconds_here(5)).text == "2 bytes\n"


@pytest.mark.parametrize("length", ["1" * 5000, "-1", "x", "1" * 30])
def test_a_length_that_is_none_ends_nothing(bare: tuple[str, int], length: str) -> None:
    """One request more or less: who is connected stays connected."""
    _, port = bare
    look = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), seconds_here(20)) as other:
        other.sendall(look)
        assert _body(other) == b"ready"
        odd = f"POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
        assert answered(port, odd.encode()) in {b"HTTP/1.1 400", b"HTTP/1.1 413"}
        other.sendall(look)
        assert _body(other) == b"ready"


def _body(line: socket.socket) -> bytes:
    """What follows the head of a response, without its last line feed."""
    response = b""
    while not response.endswith(b"ready\n"):
        part = line.recv(4096)
        assert part, "the service has ended the connection"
        response += part
    return response.partition(b"\r\n\r\n")[2].strip()


@pytest.mark.parametrize(
    "sent",
    [
        [TextMessage(random.Random(7).randbytes(100_000).hex(), message_finished=False)],  # noqa: S311  # it does not pack
        [TextMessage("0" * 50_000_000)],  # which is 50 kB on the line
        [BytesMessage(b"x" * 20_000)],
        [TextMessage("2")] * 3000,
        [TextMessage('42["anything"]')] * 300,
        [TextMessage('4510000000-["watch",{"_placeholder":true,"num":0}]'), *[BytesMessage(b"x" * 5000)] * 300],
    ],
    ids=["without end", "a bomb", "bytes", "many at once", "events", "attachments"],
)
def test_whoever_watches_sends_little(bare: tuple[str, int], sent: Sequence[TextMessage | BytesMessage]) -> None:
    """Else the line is cut; everybody else's stays."""
    url, port = bare
    with closing(LiveClient(url, WATCHER)) as other, socket.create_connection(("127.0.0.1", port), 20) as line:
        talk = Conversation("127.0.0.1", WATCHER)
        line.settimeout(seconds_here(20))
        while not talk.is_in:
            line.sendall(talk.outgoing)
            talk.outgoing = b""
            for _ in talk.receive(line.recv(4096)):
                pass
        with suppress(ConnectionError):
            for message in sent:
                line.sendall(talk.encode(message))
            while line.recv(4096):
                pass  # until the service ends the connection
        other.watch("fleet")


@pytest.mark.slow
def test_few_are_upgraded_before_they_said_who_they_are(site: Site) -> None:
    """They have seconds to do so; more strangers, and those with a wrong token, are refused by the first answer."""
    url = site.url(site.ports.control_api, "/socket.io/?EIO=4&transport=websocket")
    address = ("127.0.0.1", site.ports.control_api)
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    headers = upgrade | {"Sec-WebSocket-Version": "13"}
    assert httpx.get(url, headers=headers | {"Authorization": "Bearer et_x_y"}).status_code == 401
    asked = "\r\n".join(
        [f"GET {url.partition(str(site.ports.control_api))[2]} HTTP/1.1", "Host: 127.0.0.1",
         *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    )  # fmt: skip
    with ExitStack() as stack:
        strangers = [stack.enter_context(socket.create_connection(address, 20)) for _ in range(MOST_STRANGERS)]
        for stranger in strangers:
            stranger.sendall(asked.encode())
            assert stranger.recv(12) == b"HTTP/1.1 101"
        assert httpx.get(url, headers=headers).status_code == 401
        assert httpx.get(site.url(site.ports.control_api, "/socket.io/?EIO=4&transport=polling")).status_code == 401
        for stranger in strangers:
            while stranger.recv(4096):
                pass  # until the service ends the connection


@pytest.mark.slow
def test_it_ends_in_time_while_people_watch_and_others_hold_on(names: Names, tmp_path: Path) -> None:
    """SIGTERM is not kept waiting by those who stay."""
    open_bus(KafkaSettings.from_env(names), "test").create_topics(TOPICS)
    site = site_in(tmp_path)
    url = site.url(site.ports.control_api, "")
    with serving(site, names) as child:
        token = a_token(names, "wall", "Viewer")
        with closing(_watcher(url, token)) as client, besieged(url, (DRIPPED_BODY, 20), (SILENT, 20)):
            eventually(lambda: "connect" in client.latest)
            begin = time.monotonic()
            assert child.terminate() == 0
            assert time.monotonic() - begin < seconds_here(10)
