"""A broker that authenticates its clients: what users may do, and the error where they may not."""

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from deploy.compose.certificates import make_authority
from energytrack.bus import Bus, Record, Source
from energytrack.bus.kafka.access import BrokerUsers
from energytrack.bus.open import open_bus
from energytrack.errors import AccessRefused, BusUnavailable, DeliveryFailed
from energytrack.security.rights import ADMIN, RIGHTS, Permission
from energytrack.settings import KafkaSettings
from energytrack.topics import COMMANDS, DEAD_LETTERS, EVENTS, INSIGHTS, READINGS
from local.gateways import GatewayProblem
from local.services.access import kafka_settings, passwords
from local.site import Site
from testkit.patience import seconds_here
from testkit.stack.kafka_users import (
    administrate,
    for_gateways,
    gateway_settings,
    gateways_address,
    kafka_with_users,
)
from testkit.stack.servers import eventually

Client = Literal["kafka-python", "confluent"]
CLIENTS = ("kafka-python", "confluent")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with kafka_with_users(tmp_path_factory.mktemp("access")) as running:
        yield running


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Client:
    """Both client libraries."""
    return request.param  # type: ignore[no-any-return]


def bus_of(site: Site, user: str, client: Client) -> Bus:
    return open_bus(kafka_settings(site, user).model_copy(update={"client": client}), "test")


def put(bus: Bus, topic: str, value: bytes = b"{}") -> None:
    with closing(bus.sink(patience=20.0)) as sink:
        sink.put(topic, "cnc-0001", value)
        sink.flush()


def first_of(source: Source) -> Record:
    return eventually(lambda: source.take(1, 0.5), 30)[0]


@pytest.mark.parametrize("user", ["historian", "reader", "simulator"])
def test_a_user_may_write_what_is_its_own_and_nothing_else(site: Site, user: str) -> None:
    bus = bus_of(site, user, "kafka-python")
    for topic in (READINGS, INSIGHTS, COMMANDS, EVENTS, DEAD_LETTERS):
        if topic in RIGHTS[user].writes:
            put(bus, topic)
        else:
            with pytest.raises(DeliveryFailed, match=f"{topic}: the user '{user}' may not write to"):
                put(bus, topic)


def test_only_the_control_api_may_write_commands() -> None:
    assert [user for user, rights in RIGHTS.items() if COMMANDS in rights.writes] == ["control-api"]


def test_the_refusal_says_who_may_not_do_what_and_what_to_do(site: Site, client: Client) -> None:
    with pytest.raises(DeliveryFailed) as refused:
        put(bus_of(site, "historian", client), COMMANDS)
    assert str(refused.value) == (
        "1 messages were not acknowledged, the first because: device-commands: the user 'historian' may not write to "
        "it; sign in as a user with that right, or grant it (docs/security.md, section Kafka)"
    )


def test_a_user_may_read_what_is_its_own_and_nothing_else(site: Site, client: Client) -> None:
    put(bus_of(site, "simulator", client), READINGS)
    with closing(bus_of(site, "ml-consumer", client).source("ml-consumer", [READINGS])) as source:
        assert first_of(source).topic == READINGS
    with (
        closing(bus_of(site, "ml-consumer", client).source("ml-consumer", [DEAD_LETTERS])) as source,
        pytest.raises(AccessRefused, match=r"refuses: the user 'ml-consumer' may not read dead-letters; sign in"),
    ):
        first_of(source)


def test_nobody_takes_messages_away_from_anothers_group(site: Site, client: Client) -> None:
    with (
        closing(bus_of(site, "ml-consumer", client).source("historian", [READINGS])) as source,
        pytest.raises(AccessRefused, match="'ml-consumer' may not use the consumer group historian"),
    ):
        first_of(source)


def test_who_does_not_sign_in_is_not_let_in(site: Site, client: Client) -> None:
    stranger = KafkaSettings(servers=site.address(site.ports.kafka), client=client)
    with pytest.raises(BusUnavailable, match="does not answer to PLAINTEXT"):
        open_bus(stranger, "test").ping()


def test_a_wrong_password_is_not_let_in(site: Site, client: Client) -> None:
    wrong = kafka_settings(site, "historian").model_copy(update={"client": client, "username": "exporters"})
    with pytest.raises(BusUnavailable, match="exporters"):
        open_bus(wrong, "test").ping()


def test_the_controllers_port_is_not_open_either(site: Site) -> None:
    """Who speaks to it without a password could otherwise grant themselves every right."""
    stranger = KafkaSettings(servers=site.address(site.ports.kafka_controller))
    with pytest.raises(BusUnavailable):
        open_bus(stranger, "test").ping()


def test_a_service_cannot_grant_rights(site: Site) -> None:
    with (
        BrokerUsers(kafka_settings(site, "simulator")) as access,
        pytest.raises(AccessRefused, match="may not change users"),
    ):
        access.set_passwords({"simulator": "another"})


def test_what_somebody_granted_a_service_besides_is_taken_away_at_the_next_start(site: Site) -> None:
    with BrokerUsers(kafka_settings(site, ADMIN)) as access:
        own = RIGHTS["replay"].permissions()
        access.set_permissions({"replay": own | {Permission("write", "topic", COMMANDS)}})
        put(bus_of(site, "replay", "kafka-python"), COMMANDS)
    administrate(site)
    with pytest.raises(DeliveryFailed, match="'replay' may not write"):
        put(bus_of(site, "replay", "kafka-python"), COMMANDS)


def test_a_replaced_password_counts_after_the_next_start_and_cuts_nobody_off(site: Site) -> None:
    file = passwords(site) / "telegraf"
    with closing(bus_of(site, "telegraf", "kafka-python").sink(patience=20.0)) as connected:
        connected.put(READINGS, "cnc-0001", b"{}")
        connected.flush()
        file.write_text("another")
        administrate(site)
        connected.put(READINGS, "cnc-0001", b"{}")
        connected.flush()
    put(bus_of(site, "telegraf", "kafka-python"), READINGS)


# --- Gateways -------------------------------------------------------------------------------------------------------


def gateway(site: Site, said: str, client: Client = "kafka-python") -> Bus:
    return open_bus(gateway_settings(site, said, client), "gateway")


def test_a_gateway_sends_readings_and_events_reads_orders_and_nothing_else(site: Site, client: Client) -> None:
    said = for_gateways("add", f"hall-{client}", site)
    bus = gateway(site, said, client)
    put(bus, READINGS)
    put(bus, EVENTS)
    for topic in (COMMANDS, INSIGHTS, DEAD_LETTERS):
        with pytest.raises(DeliveryFailed, match=f"'gateway-hall-{client}' may not write"):
            put(bus, topic)
    put(bus_of(site, "control-api", client), COMMANDS, b"an order")
    with closing(bus.source(f"gateway-hall-{client}", [COMMANDS])) as source:
        assert first_of(source).topic == COMMANDS
    with closing(bus.source("simulator", [COMMANDS])) as source, pytest.raises(AccessRefused):
        first_of(source)


def test_a_gateways_password_is_replaced_while_it_runs(site: Site) -> None:
    old = gateway(site, for_gateways("add", "press", site))
    put(old, READINGS)
    said = for_gateways("renew", "press", site)
    assert "user:       gateway-press.2" in said
    new = gateway(site, said)
    put(old, READINGS)
    put(new, READINGS)
    assert for_gateways("finish", "press", site) == "ended: gateway-press"
    put(new, READINGS)
    with pytest.raises(BusUnavailable):
        old.ping()


def test_a_gateway_that_is_taken_away_can_do_nothing_more_even_where_it_is_connected(site: Site) -> None:
    bus = gateway(site, for_gateways("add", "stolen", site))
    sink = bus.sink(patience=20.0)
    sink.put(READINGS, "cnc-0001", b"{}")
    sink.flush()
    assert for_gateways("remove", "stolen", site) == "ended: gateway-stolen"
    sink.put(READINGS, "cnc-0001", b"{}")
    with pytest.raises(DeliveryFailed, match="'gateway-stolen' may not write"):
        sink.flush()
    assert "stolen" not in for_gateways("list", None, site)


def test_a_start_leaves_gateways_as_they_are(site: Site) -> None:
    bus = gateway(site, for_gateways("add", "paint", site))
    administrate(site)
    put(bus, READINGS)
    with pytest.raises(GatewayProblem, match="there is already a gateway 'paint': `renew` creates another user"):
        for_gateways("add", "paint", site)


def test_the_listener_for_gateways_is_encrypted(site: Site) -> None:
    with pytest.raises(BusUnavailable):
        open_bus(
            KafkaSettings.model_validate(
                {
                    "servers": gateways_address(site),
                    "security_protocol": "SASL_PLAINTEXT",
                    "username": "historian",
                    "password": (passwords(site) / "historian").read_text(),
                }
            ),
            "test",
        ).ping()
    with socket.create_connection(("localhost", site.ports.replay), timeout=seconds_here(5)) as line:
        line.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert not line.recv(100).startswith(b"HTTP")


def test_a_gateway_does_not_speak_to_a_broker_of_another_authority(site: Site, client: Client, tmp_path: Path) -> None:
    other = tmp_path / "ca.crt"
    other.write_text(make_authority(datetime.now(UTC)).certificate)
    settings = {
        "servers": gateways_address(site),
        "client": client,
        "security_protocol": "SASL_SSL",
        "ca_file": other,
        "username": "historian",
        "password": (passwords(site) / "historian").read_text(),
    }
    with pytest.raises(BusUnavailable):
        open_bus(KafkaSettings.model_validate(settings), "test").ping()
