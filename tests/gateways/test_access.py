"""The real Telegraf as a user of Kafka: what arrives from it, and what it says where it is refused."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from deploy.compose.certificates import make_authority
from energytrack.bus import Record
from energytrack.bus.open import open_bus
from energytrack.topics import COMMANDS, READINGS
from gateway.files import MeteredMachine, telegraf_file
from gateway.profile import load
from local.lifecycle.child import Child
from local.services.access import kafka_settings, password_file
from local.site import Site
from testkit.gateways.modbus_meters import meters
from testkit.gateways.telegraf import gateway
from testkit.stack.kafka_users import authority_file, credentials, for_gateways, gateways_address, kafka_with_users
from testkit.stack.servers import eventually, site_in
from tests.gateways.conftest import PATIENCE, Arriving

PROFILE: Final = load("siemens-pac2200")
PRESS: Final = MeteredMachine("press-0003", "press", "press-shop")
ORDERS: Final = f"""
[[outputs.kafka]]
  brokers = ["${{ENERGYTRACK_KAFKA_SERVERS}}"]
  topic = "{COMMANDS}"
  tls_ca = "${{ENERGYTRACK_KAFKA_CA_FILE:-}}"
  sasl_mechanism = "SCRAM-SHA-512"
  sasl_username = "${{ENERGYTRACK_KAFKA_USERNAME}}"
  sasl_password = "@{{kafka:kafka_password}}"
  version = "2.8.0"
  startup_error_behavior = "retry"
"""
"""What whoever has taken a gateway over may write into its configuration."""
Begin = Callable[..., AbstractContextManager[Child]]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with kafka_with_users(tmp_path_factory.mktemp("users")) as running:
        yield running


@pytest.fixture(scope="module")
def meter(broker: Site) -> Iterator[str]:
    """The address of a meter at work."""
    with meters(broker.ports.caddy, (1,)) as running:
        running.show(1, PROFILE)
        yield running.address


@pytest.fixture
def own(tmp_path: Path) -> Site:
    """The gateway's folder and ports."""
    return site_in(tmp_path)


@pytest.fixture
def begin(broker: Site, meter: str, own: Site) -> Begin:
    """Telegraf elsewhere in the plant, with what the administrator's command has printed."""

    def begun(said: str, files: Mapping[str, str] | None = None, **env: str) -> AbstractContextManager[Child]:
        user, password = credentials(said)
        environment = {
            "ENERGYTRACK_KAFKA_SERVERS": gateways_address(broker),
            "ENERGYTRACK_KAFKA_CA_FILE": str(authority_file(broker)),
            "ENERGYTRACK_KAFKA_USERNAME": user,
        }
        machines = {"press.conf": telegraf_file(PROFILE, meter, 1, PRESS), **(files or {})}
        return gateway(own, machines, env=environment | env, secrets={"kafka_password": password})

    return begun


@pytest.fixture
def arriving(broker: Site) -> Iterator[Arriving]:
    """As a service reads it, which signs in too."""
    bus = open_bus(kafka_settings(broker, "historian"), "test")
    with closing(bus.source("historian", [READINGS], start="latest", linger=0.0)) as source:
        eventually(lambda: source.take(1, 0.1) or source.partitions(), PATIENCE)
        yield Arriving(source)


def says(site: Site, words: str) -> None:
    """Wait until the gateway's log has these words."""
    eventually(lambda: words in site.log("telegraf").read_text(encoding="utf-8"), PATIENCE)


def test_telegraf_beside_the_broker_signs_in_as_the_stacks_user(
    broker: Site, meter: str, own: Site, arriving: Arriving
) -> None:
    env = {
        "ENERGYTRACK_KAFKA_SERVERS": broker.address(broker.ports.kafka),
        "ENERGYTRACK_KAFKA_USERNAME": "telegraf",
    }
    secrets = {"kafka_password": password_file(broker, "telegraf").read_text(encoding="utf-8")}
    files = {"press.conf": telegraf_file(PROFILE, meter, 1, PRESS)}
    with gateway(own, files, env=env, secrets=secrets):
        assert arriving.first(lambda _: True, device="press-0003").energy_kwh == pytest.approx(1180.44)


def test_telegraf_elsewhere_in_the_plant_signs_in_encrypted(broker: Site, begin: Begin, arriving: Arriving) -> None:
    with begin(for_gateways("add", "hall-2", broker)):
        assert arriving.first(lambda _: True, device="press-0003").energy_kwh == pytest.approx(1180.44)


def test_a_gateway_that_was_taken_away_sends_nothing_and_keeps_what_it_read(
    broker: Site, begin: Begin, own: Site, arriving: Arriving
) -> None:
    """With a user again, it sends what it read meanwhile, with its own time."""
    with begin(for_gateways("add", "press-shop", broker)) as running:
        arriving.first(lambda _: True)
        assert for_gateways("remove", "press-shop", broker) == "ended: gateway-press-shop"
        says(own, "not authorized to access this topic")
        removed, before = datetime.now(UTC), _on_disk(own)
        eventually(lambda: _on_disk(own) >= before + 3, PATIENCE)
        assert [reading for reading in arriving.take() if reading.timestamp > removed] == []
        assert running.terminate() == 0
    again = datetime.now(UTC)
    with begin(for_gateways("add", "press-shop", broker)):
        arriving.first(lambda reading: removed < reading.timestamp < again, device="press-0003")


def _on_disk(site: Site) -> int:
    """How many readings are on the gateway's disk."""
    return sum(file.read_bytes().count(b"press-0003") for file in (site.var / "buffer").rglob("*") if file.is_file())


def test_a_gateway_that_was_taken_over_orders_nothing(
    broker: Site, begin: Begin, own: Site, arriving: Arriving
) -> None:
    with begin(for_gateways("add", "stolen", broker), {"orders.conf": ORDERS}):
        says(own, f"Failed to produce message to topic {COMMANDS}: kafka server: The client is not authorized")
        arriving.first(lambda _: True, device="press-0003")
    bus = open_bus(kafka_settings(broker, "simulator"), "test")
    with closing(bus.source("simulator", [COMMANDS], linger=0.0)) as source:
        orders: list[Record] = []

        def assigned() -> bool:
            orders.extend(source.take(1, 0.1))
            return bool(source.partitions())

        eventually(assigned, PATIENCE)
        assert [*orders, *source.take(1, 2.0)] == []


def test_a_wrong_password_is_named_in_the_gateways_log(
    broker: Site, begin: Begin, own: Site, arriving: Arriving
) -> None:
    said = for_gateways("add", "typing", broker)
    with begin(said.replace(credentials(said)[1], "mistyped")):
        says(own, "SASL Authentication failed")
        assert arriving.take() == []


def test_a_broker_of_another_authority_gets_nothing(
    broker: Site, begin: Begin, own: Site, arriving: Arriving, tmp_path: Path
) -> None:
    other = tmp_path / "other.crt"
    other.write_text(make_authority(datetime.now(UTC)).certificate)
    with begin(for_gateways("add", "careful", broker), ENERGYTRACK_KAFKA_CA_FILE=str(other)):
        says(own, "certificate signed by unknown authority")
        assert arriving.take() == []
