"""A gateway with valid credentials, or a stranger, floods Kafka: it is slowed down, and everybody else goes on."""

import re
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any, Final

import pytest
from kafka import KafkaProducer

from energytrack.bus.open import open_bus
from energytrack.errors import AccessRefused
from energytrack.security.rights import ADMIN
from energytrack.security.settings import QuotaSettings
from energytrack.settings import KafkaSettings
from energytrack.topics import COMMANDS, READINGS
from local.services.access import kafka_settings
from local.site import HOST, ROOT, Site
from local.topics import limit
from testkit.patience import seconds_here
from testkit.stack.kafka_users import for_gateways, gateway_settings, kafka_with_users
from testkit.stack.servers import eventually

SETTINGS: Final = (ROOT / "kafka" / "broker.properties").read_text(encoding="utf-8")
"""The broker's, as committed."""
QUOTA: Final = 500_000
"""Bytes a second, in these tests."""
ANY_NUMBER: Final = 100_000
"""Connections a second: where another limit is tested."""


def committed(name: str) -> int:
    found = re.search(rf"^{re.escape(name)}=(\d+)$", SETTINGS, re.MULTILINE)
    assert found is not None, f"{name} is not set"
    return int(found[1])


def quotas(connections_per_second: int) -> QuotaSettings:
    return QuotaSettings(bytes_per_second=QUOTA, connections_per_second=connections_per_second)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """With the limit for one address that the local stack does without."""
    each = f"max.connections.per.ip={committed('max.connections.per.ip')}\nquota.window.num=3\n"
    with kafka_with_users(tmp_path_factory.mktemp("quotas"), each) as running:
        limit(kafka_settings(running, ADMIN), quotas(ANY_NUMBER), None)
        yield running


def put(settings: KafkaSettings, topic: str) -> None:
    """Raises if nothing gets through."""
    with closing(open_bus(settings, "test").sink(patience=seconds_here(20))) as sink:
        sink.put(topic, "cnc-0001", b"{}")
        sink.flush()


@contextmanager
def producer_of(settings: KafkaSettings) -> Iterator[Any]:
    """The library's own, which knows how long the broker has delayed it."""
    assert settings.password is not None
    made = KafkaProducer(
        bootstrap_servers=settings.servers,
        security_protocol=settings.security_protocol,
        ssl_cafile=str(settings.ca_file) if settings.ca_file else None,
        sasl_mechanism=settings.sasl_mechanism,
        sasl_plain_username=settings.username,
        sasl_plain_password=settings.password.get_secret_value(),
    )
    try:
        yield made
    finally:
        made.close()


def send_megabytes(producer: Any, megabytes: int) -> None:
    for sent in [producer.send(READINGS, b"\0" * 100_000) for _ in range(10 * megabytes)]:
        sent.get(timeout=seconds_here(60))


def delayed_milliseconds(producer: Any) -> float:
    longest = [group["throttle-time-max"] for group in producer.metrics().values() if "throttle-time-max" in group]
    assert longest
    return float(max(longest))


def test_a_flooding_gateway_is_slowed_down_while_others_get_through(site: Site) -> None:
    honest = gateway_settings(site, for_gateways("add", "honest", site))
    ended = threading.Event()
    with producer_of(gateway_settings(site, for_gateways("add", "flooding", site))) as flooding:

        def flood() -> None:
            while not ended.is_set():
                send_megabytes(flooding, 1)

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            eventually(lambda: delayed_milliseconds(flooding) > 0, seconds_here(60))
            put(honest, READINGS)
            put(kafka_settings(site, "control-api"), COMMANDS)
            assert thread.is_alive()
        finally:
            ended.set()
            thread.join()


def test_the_stacks_own_services_are_not_slowed_down(site: Site) -> None:
    with producer_of(kafka_settings(site, "simulator")) as producer:
        send_megabytes(producer, 5)
        assert delayed_milliseconds(producer) == 0


# --- Connections ----------------------------------------------------------------------------------------------------


@contextmanager
def connections(site: Site, number: int, address: str) -> Iterator[list[socket.socket]]:
    """Connections to the listener for gateways from one address, which say nothing."""
    with ExitStack() as stack:
        here, there = (address, 0), (HOST, site.ports.replay)
        made = [
            stack.enter_context(socket.create_connection(there, seconds_here(20), source_address=here))
            for _ in range(number)
        ]
        for each in made:
            each.setblocking(False)
        yield made


def is_closed(line: socket.socket) -> bool:
    """Whether the broker has disconnected it."""
    try:
        return line.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_an_address_has_some_connections_and_the_rest_are_refused(site: Site) -> None:
    most = committed("max.connections.per.ip")
    honest = gateway_settings(site, for_gateways("add", "beside", site))
    with connections(site, most + 20, "127.0.0.2") as opened:
        eventually(lambda: sum(map(is_closed, opened)) >= 20, seconds_here(20))
        put(honest, READINGS)
        put(kafka_settings(site, "control-api"), COMMANDS)
        assert sum(map(is_closed, opened)) == 20


def test_services_go_on_while_the_listener_for_gateways_is_full(site: Site) -> None:
    each, most = committed("max.connections.per.ip"), committed("listener.name.gateways.max.connections")
    waiting = gateway_settings(site, for_gateways("add", "waiting", site))
    with ExitStack() as stack:
        for number in range(most // each):
            stack.enter_context(connections(site, each, f"127.0.0.{number + 3}"))
        eventually(lambda: not answers(site), seconds_here(20))
        for user in ("control-api", "simulator"):
            put(kafka_settings(site, user), COMMANDS if user == "control-api" else READINGS)
    put(waiting, READINGS)


def answers(site: Site) -> bool:
    """Whether the listener for gateways takes another connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((HOST, site.ports.replay), 2, source_address=("127.0.0.99", 0)) as plain,
            context.wrap_socket(plain),
        ):
            return True
    except TimeoutError:
        return False


def test_an_address_opens_few_connections_a_second(site: Site) -> None:
    """However slowly a busy computer opens ninety, it does so within half a minute."""
    assert limited_to(3, site)
    try:
        with connections(site, 90, "127.0.0.2") as opened:
            eventually(lambda: any(map(is_closed, opened)), seconds_here(20))
            put(kafka_settings(site, "control-api"), COMMANDS)
    finally:
        eventually(lambda: limited_to(ANY_NUMBER, site), seconds_here(20), pause=2)


def limited_to(connections_per_second: int, site: Site) -> bool:
    """Whether the limit of each address was set: it counts for the administrator, too."""
    try:
        limit(kafka_settings(site, ADMIN), quotas(connections_per_second), None)
    except AccessRefused:
        return False
    return True


# --- Memory ---------------------------------------------------------------------------------------------------------


def test_a_stranger_announces_a_small_sign_in_or_is_disconnected(site: Site) -> None:
    """The broker reserves the memory of a request as soon as its length has arrived."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((HOST, site.ports.replay), seconds_here(20)) as plain,
        context.wrap_socket(plain) as line,
    ):
        line.sendall(struct.pack(">i", committed("sasl.server.max.receive.size") + 1))
        assert line.recv(1) == b""


def test_who_has_signed_in_announces_a_request_of_some_megabytes_or_is_disconnected(site: Site) -> None:
    settings = kafka_settings(site, ADMIN)
    assert settings.password is not None
    with socket.create_connection((HOST, site.ports.kafka), seconds_here(20)) as line:
        asked(line, 17, 1, _text(b"PLAIN"))
        password = f"\0{ADMIN}\0{settings.password.get_secret_value()}".encode()
        signed_in = asked(line, 36, 0, struct.pack(">i", len(password)) + password)
        assert signed_in[4:6] == b"\0\0"
        line.sendall(struct.pack(">i", committed("socket.request.max.bytes") + 1))
        assert line.recv(1) == b""


def asked(line: socket.socket, key: int, version: int, body: bytes) -> bytes:
    """The broker's answer to a request in Kafka's protocol."""
    request = struct.pack(">hhi", key, version, 1) + _text(b"test") + body
    line.sendall(struct.pack(">i", len(request)) + request)
    (length,) = struct.unpack(">i", line.recv(4, socket.MSG_WAITALL))
    return line.recv(length, socket.MSG_WAITALL)


def _text(text: bytes) -> bytes:
    return struct.pack(">h", len(text)) + text
