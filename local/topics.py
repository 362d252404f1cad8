"""`python -m local.topics`: create missing topics, give every user of the stack its password and rights, limit others.

Run again, it applies changes: replaced passwords, rights of a new release, other quotas. Users of gateways are not
touched (`local.gateways`). Without a folder of passwords it only creates topics: then somebody else makes users, or
Kafka asks nobody who they are.
"""

from collections.abc import Mapping
from pathlib import Path

from energytrack.bus.kafka.access import BrokerUsers
from energytrack.bus.open import open_bus
from energytrack.errors import InvalidPlant, InvalidSettings
from energytrack.plant.loading import load_plant
from energytrack.running.service import entry
from energytrack.security.quotas import UNLIMITED_USERS
from energytrack.security.rights import RIGHTS
from energytrack.security.settings import QuotaSettings
from energytrack.settings import KafkaSettings, PlantSettings, read_all
from energytrack.topics import TOPICS
from local.settings import KafkaUsersSettings


def main(env: Mapping[str, str]) -> None:
    """Create topics, users and quotas on the broker of the environment."""
    settings, users, quotas, site = read_all(env, KafkaSettings, KafkaUsersSettings, QuotaSettings, PlantSettings)
    open_bus(settings, "topics").create_topics(TOPICS)
    if users.folder is not None:
        grant(settings, read_passwords(users.folder))
        limit(settings, quotas, machines_of(site) or 0)


def read_passwords(folder: Path) -> dict[str, str]:
    """The password of every user of the stack; raises InvalidSettings if one is missing."""
    problems, passwords = [], {}
    for user in RIGHTS:
        try:
            passwords[user] = (folder / user).read_text(encoding="utf-8").strip()
        except OSError as error:
            problems.append(f"{KafkaUsersSettings.variable('folder')}: {error.strerror}: {folder / user}")
    if problems:
        raise InvalidSettings(tuple(problems))
    return passwords


def grant(settings: KafkaSettings, passwords: Mapping[str, str]) -> None:
    """Give every user its password and its rights: rights first, so that nobody is refused who may sign in."""
    with BrokerUsers(settings) as access:
        access.set_permissions({user: rights.permissions(settings.topic_prefix) for user, rights in RIGHTS.items()})
        access.set_passwords(passwords)


def limit(settings: KafkaSettings, quotas: QuotaSettings, machines: int | None) -> None:
    """Limit what users who are none of the stack's services use of the broker."""
    with BrokerUsers(settings) as access:
        access.set_quotas(quotas.quota(machines), quotas.connections_per_second, unlimited=UNLIMITED_USERS)


def machines_of(site: PlantSettings) -> int | None:
    """How many machines the plant has; None if its file cannot be used, which its services report: the least then."""
    try:
        return len(load_plant(site.file, devices=site.devices).devices)
    except InvalidPlant:
        return None


if __name__ == "__main__":
    entry(main)
