"""The plants that may send to this centre's Kafka: a user for each, with rights on what begins with its name.

python -m centre add plant-a       create the user plant-a; prints its password, once
python -m centre remove plant-a    end it; what it sent stays
python -m centre list              who there is
"""

import re
import secrets
from pathlib import Path
from typing import Final

from centre.mirror import CENTRE
from energytrack.bus.kafka.access import BrokerUsers
from energytrack.centre.settings import NAME
from energytrack.errors import EnergyTrackError
from energytrack.security.rights import ADMIN, GATEWAY_PREFIX, RIGHTS, plant_rights
from energytrack.security.settings import QuotaSettings
from energytrack.settings import KafkaSettings

NOT_PLANTS: Final = frozenset({ADMIN, CENTRE, *RIGHTS})
"""Names of users that are no plants."""
DEFAULT_QUOTAS: Final = QuotaSettings()


def may_be_a_plant(name: str) -> bool:
    """Whether a user of that name is a plant's, or may become one."""
    return bool(re.fullmatch(NAME, name)) and name not in NOT_PLANTS and not name.startswith(GATEWAY_PREFIX)


class PlantProblem(EnergyTrackError):
    """A plant exists already, does not exist, or has an invalid name."""


def checked(name: str) -> str:
    """The name, if a plant may have it. Raises PlantProblem."""
    if not may_be_a_plant(name):
        raise PlantProblem(
            f"a plant's name is lower-case letters, digits and hyphens, and not a reserved word, got {name!r}"
        )
    return name


def add(
    name: str,
    settings: KafkaSettings,
    *,
    password_file: Path | None = None,
    quotas: QuotaSettings = DEFAULT_QUOTAS,
) -> str:
    """Create a plant's user, or with a file give it the password in it, again and again; returns what to print.

    The quotas count for all plants. Another plant by hand leaves them as they are, unless this environment has some.
    """
    checked(name)
    with BrokerUsers(settings) as access:
        if password_file is None and name in access.users():
            raise PlantProblem(f"there is already a plant {name!r}: `remove` ends its user")
        password = password_file.read_text(encoding="utf-8").strip() if password_file else secrets.token_urlsafe(32)
        if not password:
            raise PlantProblem(f"there is no password in {password_file}")
        is_first = not any(map(may_be_a_plant, access.users()))
        if password_file is not None or is_first or quotas != DEFAULT_QUOTAS:
            access.set_quotas(quotas.quota(), quotas.connections_per_second, unlimited={ADMIN})
        access.set_permissions({name: plant_rights(name).permissions()})  # MirrorMaker knows no prefix but the name
        access.set_passwords({name: password})
    if password_file is not None:
        return f"{name} may send, with the password in {password_file}"
    return (
        f"user:       {name}\npassword:   {password}\nmechanism:  SCRAM-SHA-512\n\n"
        "The password is stored nowhere; this is the only time it is shown."
    )


def remove(name: str, settings: KafkaSettings) -> str:
    """End a plant's user; returns what to print."""
    with BrokerUsers(settings) as access:
        if not may_be_a_plant(name) or name not in access.users():
            raise PlantProblem(f"there is no plant {name!r}")
        access.remove([name])
    return f"ended: {name}; its topics stay until their retention ends"


def listed(settings: KafkaSettings) -> str:
    """The plants, one a line."""
    with BrokerUsers(settings) as access:
        return "\n".join(sorted(filter(may_be_a_plant, access.users()))) or "no plants"
