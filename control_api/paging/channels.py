"""The only import of apprise: sends messages to people over their channels."""

import logging
from collections.abc import Mapping, Sequence
from typing import Final

import structlog
from apprise import Apprise, NotifyBase, NotifyFormat

from control_api.paging.texts import Message

log = structlog.get_logger(__name__)

SECONDS: Final = 8
"""How long a channel may take to connect, and to answer."""


class Channels:
    """The channels of each person; `unusable` are those that apprise does not understand."""

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its log has addresses in it; outcomes are logged here
        self._channels: dict[str, list[tuple[str, NotifyBase]]] = {}
        self.unusable: list[tuple[str, str]] = []
        """The person, and the kind of the channel."""
        for who, theirs in addresses.items():
            for address in theirs:
                made = Apprise.instantiate(_patient(address), suppress_exceptions=True)
                if isinstance(made, NotifyBase):
                    self._channels.setdefault(who, []).append((kind_of(address), made))
                else:
                    self.unusable.append((who, kind_of(address)))
        for who, kind in self.unusable:
            log.error("a channel is not understood", who=who, kind=kind, see="https://github.com/caronc/apprise/wiki")

    def kinds(self, who: str) -> list[str]:
        """The kinds of a person's channels."""
        return [kind for kind, _ in self._channels.get(who, [])]

    def send(self, who: str, message: Message) -> tuple[bool, str]:
        """Send to all channels of a person: whether one accepted it, and what failed on others.

        A failure names only the kind of the channel, because addresses are secrets.
        """
        channels = self._channels.get(who, [])
        if not channels:
            return False, f"{who} has no channel"
        failed = [kind for kind, channel in channels if not _sent(kind, channel, message)]
        problem = f"{', '.join(failed)} did not take it" if failed else ""
        return len(failed) < len(channels), problem


def kind_of(address: str) -> str:
    """The part of an address that is no secret: `ntfys`, `mailto`."""
    return address.partition("://")[0][:32]


def _patient(address: str) -> str:
    """The address with our time limits, unless it has its own."""
    limits = [f"{name}={SECONDS}" for name in ("cto", "rto") if f"{name}=" not in address]
    if not limits:
        return address
    return f"{address}{'&' if '?' in address else '?'}{'&'.join(limits)}"


def _sent(kind: str, channel: NotifyBase, message: Message) -> bool:
    try:
        return bool(channel.notify(body=message.text, title=message.subject, body_format=NotifyFormat.TEXT))
    except Exception as error:  # a plugin of a hundred; whatever it raises, the others are tried
        log.warning("a channel failed", kind=kind, error=type(error).__name__)
        return False
