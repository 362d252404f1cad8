"""Who may do what on the bus: the rights of every user, as data.

The step that creates the topics also grants these rights (`local.topics`); Kubernetes gets them from here too
(`tools.kubernetes`). A user without an entry may do nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from energytrack.topics import COMMANDS, DEAD_LETTERS, EVENTS, INSIGHTS, READINGS, TOPICS

ADMIN: Final = "admin"
"""The broker's own administrator: creates topics, users and rights. It has no entry, because it may do everything."""
READER: Final = "reader"
"""The user for people who look at the topics."""
MIRROR: Final = "mirror"
"""Kafka's MirrorMaker, if the plant is one of several."""
GATEWAY_PREFIX: Final = "gateway-"
"""How the name of a gateway's user begins."""


def gateway_group(user: str | None, default: str) -> str:
    """The consumer group in which a gateway's user may read orders; the same for a renewed user."""
    return user.partition(".")[0] if user is not None and user.startswith(GATEWAY_PREFIX) else default


Operation = Literal["read", "write", "create", "describe_configs"]


class Permission(NamedTuple):
    """One operation on topics or groups, as Kafka's access control lists have it."""

    operation: Operation
    """The first two include "describe"."""
    kind: Literal["topic", "group"]
    name: str
    is_prefix: bool = False
    """Whether it covers every name that begins like this."""


@dataclass(frozen=True)
class Rights:
    """The topics that a user may read, write, copy and create, and its consumer groups."""

    reads: tuple[str, ...] = ()
    """Topics; `*` at the end of any name stands for the rest of it."""
    writes: tuple[str, ...] = ()
    """Topics."""
    copies: tuple[str, ...] = ()
    """Topics that it reads with their settings, to make others like them elsewhere."""
    creates: tuple[str, ...] = ()
    """Topics."""
    groups: tuple[str, ...] = ()
    """Consumer groups."""

    def permissions(self, topic_prefix: str = "") -> frozenset[Permission]:
        """The rights as single permissions; the prefix is that of the plant's topics and groups on a shared broker."""
        topics: tuple[tuple[Operation, tuple[str, ...]], ...] = (
            ("read", self.reads + self.copies),
            ("write", self.writes),
            ("create", self.creates),
            ("describe_configs", self.copies),
        )
        about_topics = {_permission(each, "topic", topic_prefix + name) for each, names in topics for name in names}
        return frozenset(about_topics | {_permission("read", "group", topic_prefix + name) for name in self.groups})


def _permission(operation: Operation, kind: Literal["topic", "group"], name: str) -> Permission:
    return Permission(operation, kind, name.removesuffix("*"), name.endswith("*"))


def plant_rights(name: str) -> Rights:
    """The rights of a plant's MirrorMaker at the centre of several: topics that begin with the plant's name.

    It gives its own group the name of the source and `-mm2`.
    """
    own = (f"{name}.*",)
    return Rights(reads=own, writes=own, creates=own, groups=(f"{name}-mm2",))


def gateway_rights(name: str) -> Rights:
    """The rights of the gateway of that name: send readings and events (also results of orders), and read orders."""
    return Rights(reads=(COMMANDS,), writes=(READINGS, EVENTS), groups=(GATEWAY_PREFIX + name,))


RIGHTS: Final[Mapping[str, Rights]] = MappingProxyType(
    {
        "control-api": Rights(
            reads=(READINGS, INSIGHTS, EVENTS),
            writes=(COMMANDS, EVENTS, DEAD_LETTERS),
            groups=("control-api", "control-api-live-*"),
        ),
        "exporters": Rights(reads=(READINGS, INSIGHTS, EVENTS), writes=(DEAD_LETTERS,), groups=("exporters",)),
        "historian": Rights(reads=(READINGS, INSIGHTS, EVENTS), writes=(EVENTS, DEAD_LETTERS), groups=("historian",)),
        "ml-consumer": Rights(reads=(READINGS, EVENTS), writes=(INSIGHTS, DEAD_LETTERS), groups=("ml-consumer",)),
        # Machines, simulated or recorded, and the gateways of real ones beside the stack.
        "simulator": Rights(reads=(COMMANDS,), writes=(READINGS, EVENTS, DEAD_LETTERS), groups=("simulator",)),
        "replay": Rights(writes=(READINGS, EVENTS)),
        "gateway": Rights(reads=(COMMANDS,), writes=(EVENTS,), groups=("gateway",)),
        "telegraf": Rights(writes=(READINGS, EVENTS)),
        # Copies readings to the centre of several plants.
        MIRROR: Rights(copies=(READINGS, EVENTS)),
        READER: Rights(reads=tuple(topic.name for topic in TOPICS), groups=("reader-*",)),
    }
)
"""The users of the stack, by name."""
