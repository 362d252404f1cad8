"""`python -m local.topics`: create missing topics, and give every user of the stack its password and rights.

Run again, it applies changes: replaced passwords, rights of a new release. Users of gateways are not
touched (`local.gateways`). Without a folder of passwords it only creates topics: then somebody else makes users, or
Kafka asks nobody who they are.
"""

from collections.abc import Mapping
from pathlib import Path

from energytrack.bus.kafka.access import BrokerUsers
from energytrack.bus.open import open_bus
from energytrack.errors import InvalidSettings
from energytrack.running.service import entry
from energytrack.security.rights import RIGHTS
from energytrack.settings import KafkaSettings, read_all
from energytrack.topics import TOPICS
from local.settings import KafkaUsersSettings


def main(env: Mapping[str, str]) -> None:
    """Create topics and users on the broker of the environment."""
    settings, users = read_all(env, KafkaSettings, KafkaUsersSettings)
    open_bus(settings, "topics").create_topics(TOPICS)
    if users.folder is not None:
        grant(settings, read_passwords(users.folder))


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


if __name__ == "__main__":
    entry(main)
