"""Which client, and with which rights it comes."""

import socket
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from energytrack.bus import limits
from energytrack.bus.confluent import client as confluent
from energytrack.bus.confluent.client import ConfluentBus
from energytrack.bus.kafka import client as kafka
from energytrack.bus.kafka.client import KafkaBus
from energytrack.bus.open import open_bus
from energytrack.errors import BusUnavailable, ExtraMissing
from energytrack.settings import KafkaSettings

SECURED = KafkaSettings(
    servers="a:9092, b:9092",
    security_protocol="SASL_SSL",
    sasl_mechanism="SCRAM-SHA-256",
    ca_file=Path("ca.pem"),
    cert_file=Path("me.pem"),
    key_file=Path("me.key"),
    username="energytrack",
    password=SecretStr("hush"),
)


def test_the_settings_choose_the_client() -> None:
    """Nothing connects before the first use."""
    assert isinstance(open_bus(KafkaSettings(servers="nowhere:1"), "test"), KafkaBus)
    assert isinstance(open_bus(KafkaSettings(servers="nowhere:1", client="confluent"), "test"), ConfluentBus)


def test_a_client_that_is_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.delitem(sys.modules, "energytrack.bus.confluent.client")
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'energytrack\[fast\]'"):
        open_bus(KafkaSettings(client="confluent"), "test")


def test_kafka_python_gets_our_client_id() -> None:
    """Certificates and the user, in that library's words."""
    options = kafka._connection(SECURED, "historian")
    assert options["bootstrap_servers"] == ["a:9092", "b:9092"]
    assert (options["security_protocol"], options["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-256")
    assert (options["ssl_cafile"], options["ssl_certfile"], options["ssl_keyfile"]) == ("ca.pem", "me.pem", "me.key")
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("energytrack", "hush")


def test_confluent_gets_the_same() -> None:
    """In the other library's words."""
    options = confluent._connection(SECURED, "historian")
    assert (options["security.protocol"], options["sasl.mechanism"]) == ("SASL_SSL", "SCRAM-SHA-256")
    assert options["ssl.ca.location"] == "ca.pem"
    assert (options["ssl.certificate.location"], options["ssl.key.location"]) == ("me.pem", "me.key")
    assert (options["sasl.username"], options["sasl.password"]) == ("energytrack", "hush")


@pytest.mark.parametrize("client", ["kafka-python", "confluent"])
def test_one_who_listens_and_does_not_answer_is_distinguished(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong protocol or password looks like this; the sentence names both."""
    monkeypatch.setattr(limits, "PING_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        servers = f"127.0.0.1:{silent.getsockname()[1]}"
        settings = SECURED.model_copy(
            update={"servers": servers, "client": client, "security_protocol": "SASL_PLAINTEXT"}
        )
        with pytest.raises(
            BusUnavailable, match="does not answer to SASL_PLAINTEXT, or refuses the user 'energytrack'"
        ):
            open_bus(settings, "test").ping()


@pytest.mark.parametrize("module", [kafka, confluent])
def test_a_plain_connection_needs_nobody(module: object) -> None:
    """Neither user nor certificate."""
    options = module._connection(KafkaSettings(), "historian")  # type: ignore[attr-defined]
    assert not [name for name in options if "sasl" in name or "ssl" in name]
