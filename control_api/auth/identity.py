"""Who is asking, and what somebody in that role may do."""

from typing import Final, Literal, cast

import flask
from msgspec import Struct

Role = Literal["Viewer", "Editor", "Admin"]
"""Grafana's roles: a Viewer reads, an Editor acts, an Admin administers."""
RANKS: Final[dict[Role, int]] = {"Viewer": 1, "Editor": 2, "Admin": 3}


class Identity(Struct, frozen=True):
    """A person or a script."""

    subject: str
    """How it signed in, and as whom: `grafana:maria`, `token:line-a-gateway`."""
    role: Role

    def may(self, least: Role) -> bool:
        """Whether its role reaches another one."""
        return RANKS[self.role] >= RANKS[least]


def who() -> Identity:
    """Who sent the request that is being served."""
    return cast(Identity, flask.g.identity)


def remember(identity: Identity) -> None:
    """Note who sent the request that is being served."""
    flask.g.identity = identity
