"""Who signs in to this site's Kafka, and with which password: one file for each user in `var/secrets/kafka`."""

from pathlib import Path
from typing import Final

from pydantic import SecretStr

from energytrack.security.rights import ADMIN, RIGHTS
from energytrack.settings import KafkaSettings
from local.services.secrets import kept_in
from local.site import Site

PROTOCOL: Final = "SASL_PLAINTEXT"
"""On loopback nothing is encrypted."""
ADMIN_MECHANISM: Final = "PLAIN"
"""The administrator's password is in the broker's settings, so it counts before there is any user."""


def passwords(site: Site) -> Path:
    """The folder of passwords."""
    return site.var / "secrets" / "kafka"


def password_file(site: Site, user: str) -> Path:
    """The file of one user's password."""
    return passwords(site) / user


def make_passwords(site: Site) -> None:
    """Create those that are missing, for this computer's user only."""
    for user in (ADMIN, *RIGHTS):
        kept_in(password_file(site, user))


def kafka_env(site: Site, user: str) -> dict[str, str]:
    """The environment with which a process signs in as that user."""
    if not site.kafka_users:
        return {}
    return {
        "ENERGYTRACK_KAFKA_USERNAME": user,
        "ENERGYTRACK_KAFKA_PASSWORD_FILE": str(password_file(site, user)),
        **({"ENERGYTRACK_KAFKA_SASL_MECHANISM": ADMIN_MECHANISM} if user == ADMIN else {}),
    }


def kafka_settings(site: Site, user: str) -> KafkaSettings:
    """Settings with which this process connects to Kafka."""
    env = {"ENERGYTRACK_KAFKA_SERVERS": site.kafka_servers}
    if site.kafka_users:
        env["ENERGYTRACK_KAFKA_SECURITY_PROTOCOL"] = PROTOCOL
    return KafkaSettings.from_env(env | kafka_env(site, user))


def administrator(servers: str, password_file: Path | None) -> KafkaSettings:
    """Settings of the administrator; without a file, for a broker without access control."""
    if password_file is None:
        return KafkaSettings(servers=servers)
    return KafkaSettings(
        servers=servers,
        security_protocol=PROTOCOL,
        sasl_mechanism=ADMIN_MECHANISM,
        username=ADMIN,
        password=SecretStr(password_file.read_text(encoding="utf-8").strip()),
    )
