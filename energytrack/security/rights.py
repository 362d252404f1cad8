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
"""For people who look at the topics."""
GATEWAY_PREFIX: Final = "gateway-"
"""What the user of a plant's gateway begins with."""


def gateway_group(user: str | None, default: str) -> str:
    """The consumer group in which a gateway's user may read orders; it stays the same for a renewed user."""
    return user.partition(".")[0] if user is not None and user.startswith(GATEWAY_PREFIX) else default


class Permission(NamedTuple):
    """One operation on topics or groups, as Kafka's access control lists have it."""

    operation: Literal["read", "write"]
    """Each includes "describe"."""
    kind: Literal["topic", "group"]
    name: str
    is_prefix: bool = False
    """Whether it is about every name that begins like this."""


@dataclass(frozen=True)
class Rights:
    """What a user may read and write."""

    reads: tuple[str, ...] = ()
    """Topics."""
    writes: tuple[str, ...] = ()
    """Topics."""
    groups: tuple[str, ...] = ()
    """Consumer groups; `*` at the end stands for the rest of the name."""

    def permissions(self, topic_prefix: str = "") -> frozenset[Permission]:
        """The same, one by one; the prefix is that of the plant's topics and groups on a shared broker."""
        groups = {
            Permission("read", "group", topic_prefix + group.removesuffix("*"), group.endswith("*"))
            for group in self.groups
        }
        reads = {Permission("read", "topic", topic_prefix + topic) for topic in self.reads}
        writes = {Permission("write", "topic", topic_prefix + topic) for topic in self.writes}
        return frozenset(groups | reads | writes)


def gateway_rights(name: str) -> Rights:
    """What the gateway of that name may do: send readings and events (also results of orders), and read orders."""
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
        # Machines, simulated or recorded, and what reads and orders the real ones beside the stack.
        "simulator": Rights(reads=(COMMANDS,), writes=(READINGS, EVENTS, DEAD_LETTERS), groups=("simulator",)),
        "replay": Rights(writes=(READINGS, EVENTS)),
        "gateway": Rights(reads=(COMMANDS,), writes=(EVENTS,), groups=("gateway",)),
        "telegraf": Rights(writes=(READINGS, EVENTS)),
        READER: Rights(reads=tuple(topic.name for topic in TOPICS), groups=("reader-*",)),
    }
)
"""The users of the stack, by name."""
