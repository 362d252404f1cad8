"""A broker that authenticates its clients: the local stack's, with the additional listener for gateways."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deploy.compose.certificates import make_authority, make_broker
from energytrack.security.rights import ADMIN
from energytrack.settings import KafkaSettings
from local.gateways import run
from local.services.access import kafka_settings, passwords
from local.services.kafka import kafka_service, prepare_kafka
from local.site import HOST, Site
from local.topics import main
from testkit.stack.servers import site_in, started


@contextmanager
def kafka_with_users(folder: Path, further_settings: str = "") -> Iterator[Site]:
    """The site of the broker: inside at `ports.kafka`, encrypted for gateways at `ports.replay`."""
    site = replace(site_in(folder), kafka_users=True)
    prepare_kafka(site)
    now = datetime.now(UTC)
    authority = make_authority(now)
    broker = make_broker(authority, ["localhost", HOST], now)
    (passwords(site) / "server.pem").write_text(broker.key + broker.certificate + authority.certificate)
    authority_file(site).write_text(authority.certificate)
    inside = site.address(site.ports.kafka)
    with (site.var / "kafka" / "server.properties").open("a") as settings:
        settings.write(
            f"listeners=INTERNAL://{inside},GATEWAYS://{site.address(site.ports.replay)},"
            f"CONTROLLER://{site.address(site.ports.kafka_controller)}\n"
            f"advertised.listeners=INTERNAL://{inside},GATEWAYS://{gateways_address(site)}\n"
            f"{further_settings}"
        )
    with started(kafka_service(site), site):
        administrate(site)
        yield site


def administrate(site: Site) -> None:
    """Run the step that creates topics, users and rights, as a start of the stack does."""
    settings = kafka_settings(site, ADMIN)
    assert settings.password is not None
    main(
        {
            "ENERGYTRACK_KAFKA_SERVERS": settings.servers,
            "ENERGYTRACK_KAFKA_SECURITY_PROTOCOL": settings.security_protocol,
            "ENERGYTRACK_KAFKA_SASL_MECHANISM": settings.sasl_mechanism,
            "ENERGYTRACK_KAFKA_USERNAME": ADMIN,
            "ENERGYTRACK_KAFKA_PASSWORD": settings.password.get_secret_value(),
            "ENERGYTRACK_KAFKA_USERS_FOLDER": str(passwords(site)),
        }
    )


def authority_file(site: Site) -> Path:
    """The certificate with which a gateway checks the broker."""
    return passwords(site) / "ca.crt"


def gateways_address(site: Site) -> str:
    """The broker's address for gateways elsewhere in the plant."""
    return f"localhost:{site.ports.replay}"


def for_gateways(verb: str, name: str | None, site: Site) -> str:
    """The output of the administrator's command for gateways."""
    return run(verb, name, kafka_settings(site, ADMIN))


def gateway_settings(site: Site, said: str, client: str = "kafka-python") -> KafkaSettings:
    """How a gateway reaches the broker from elsewhere in the plant: encrypted, with what `add` printed."""
    user, password = credentials(said)
    return KafkaSettings.model_validate(
        {
            "servers": gateways_address(site),
            "client": client,
            "security_protocol": "SASL_SSL",
            "ca_file": authority_file(site),
            "username": user,
            "password": password,
        }
    )


def credentials(said: str) -> tuple[str, str]:
    """User and password from the output of that command."""
    fields = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    return fields["user"].strip(), fields["password"].strip()
