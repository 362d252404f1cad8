"""Kafka users for the plant's gateways: created, renewed and removed by the administrator.

    python -m local.gateways add hall-2       create the user gateway-hall-2; prints its password, once
    python -m local.gateways renew hall-2     create the next user, gateway-hall-2.2; the old one stays valid
    python -m local.gateways finish hall-2    end all of its users but the newest
    python -m local.gateways remove hall-2    end all of its users
    python -m local.gateways list             list all gateways and their users

Here it is `./et local gateways …`, in Compose `docker compose run --rm topics python -m local.gateways …`.
"""

import argparse
import os
import re
import secrets
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from energytrack.bus.kafka.access import BrokerUsers
from energytrack.errors import EnergyTrackError, InvalidSettings
from energytrack.security.rights import GATEWAY_PREFIX, gateway_rights
from energytrack.settings import KafkaSettings

NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
USER: Final = re.compile(rf"{GATEWAY_PREFIX}(?P<name>{NAME.pattern})(?:\.(?P<number>[0-9]{{1,6}}))?")
VERBS: Final = {
    "add": "create a gateway's user; its password is shown once",
    "renew": "create another user for a gateway, so that its password can be replaced; the old one stays valid",
    "finish": "end all users of a gateway but the newest",
    "remove": "end all users of a gateway",
    "list": "show gateways and their users",
}


class GatewayProblem(EnergyTrackError):
    """A gateway that already exists, or does not."""


def run(verb: str, name: str | None, settings: KafkaSettings) -> str:
    """Run the verb; returns what to print. Raises GatewayProblem and AccessRefused."""
    with BrokerUsers(settings) as access:
        gateways = gateways_of(access.users())
        if verb == "list":
            return "\n".join(f"{each}: {', '.join(users)}" for each, users in sorted(gateways.items())) or "no gateways"
        if name is None or not NAME.fullmatch(name):
            raise GatewayProblem(f"a gateway's name is lower-case letters, digits and hyphens, got {name!r}")
        users = gateways.get(name, [])
        if bool(users) == (verb == "add"):
            raise GatewayProblem(f"there is {'already a' if users else 'no'} gateway {name!r}{_hint(verb, gateways)}")
        if verb in {"add", "renew"}:
            return _created(access, name, users, settings)
        gone = users[:-1] if verb == "finish" else users
        access.remove(gone)
        return f"ended: {', '.join(gone)}" if gone else "nothing to end: it has one user"


def gateways_of(users: frozenset[str]) -> dict[str, list[str]]:
    """The users of each gateway, oldest first."""
    by_gateway: dict[str, list[tuple[int, str]]] = {}
    for user in users:
        match = USER.fullmatch(user)
        if match:
            by_gateway.setdefault(match["name"], []).append((int(match["number"] or 1), user))
    return {name: [user for _, user in sorted(numbered)] for name, numbered in by_gateway.items()}


def next_user(name: str, users: Sequence[str]) -> str:
    """The name of a gateway's next user."""
    if not users:
        return GATEWAY_PREFIX + name
    newest = USER.fullmatch(users[-1])
    return f"{GATEWAY_PREFIX}{name}.{int((newest and newest['number']) or 1) + 1}"


def _created(access: BrokerUsers, name: str, users: Sequence[str], settings: KafkaSettings) -> str:
    user, password = next_user(name, users), secrets.token_urlsafe(32)
    access.set_permissions({user: gateway_rights(name).permissions(settings.topic_prefix)})
    access.set_passwords({user: password})
    lines = [
        f"user:       {user}",
        f"password:   {password}",
        "mechanism:  SCRAM-SHA-512",
        "",
        "The password is stored nowhere; this is the only time it is shown.",
    ]
    if users:
        lines.append(f"{', '.join(users)} stays valid: `finish {name}` ends it once the gateway uses the new one.")
    return "\n".join(lines)


def _hint(verb: str, gateways: Mapping[str, object]) -> str:
    if verb == "add":
        return ": `renew` creates another user for it"
    return f" (there are {', '.join(sorted(gateways))})" if gateways else " (there are none yet; `add` creates one)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs, each with the name of a gateway."""
    verbs = parser.add_subparsers(dest="step", required=True)
    for verb, text in VERBS.items():
        made = verbs.add_parser(verb, help=text)
        if verb != "list":
            made.add_argument("name", metavar="NAME", help="such as hall-2; the user is then gateway-hall-2")


def main(arguments: Sequence[str], env: Mapping[str, str]) -> int:
    """Run one verb with the administrator of the environment."""
    parser = argparse.ArgumentParser(prog="python -m local.gateways", description="Kafka users for gateways.")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    try:
        print(run(options.step, getattr(options, "name", None), KafkaSettings.from_env(env)))
    except InvalidSettings as error:
        print(f"Invalid settings:\n{error}", file=sys.stderr)
        return 2
    except EnergyTrackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
