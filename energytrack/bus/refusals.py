"""Sentences about what a broker refuses to a user, and what to do."""

from collections.abc import Iterable
from typing import Final

ADVICE: Final = "sign in as a user with that right, or grant it (docs/security.md, section Kafka)"


def may_not_write(user: str | None) -> str:
    """The refusal of a message; the name of its topic is put before it."""
    return f"{_who(user)} may not write to it; {ADVICE}"


def may_not_write_anywhere(user: str | None) -> str:
    """The refusal of a producer that the broker does not even register."""
    return f"{_who(user)} may not write to any topic; {ADVICE}"


def may_not_read(user: str | None, topics: Iterable[str]) -> str:
    """The refusal of topics to a member of a group."""
    return f"{_who(user)} may not read {', '.join(sorted(topics))}; {ADVICE}"


def may_not_join(user: str | None, group: str) -> str:
    """The refusal of a group that belongs to another user."""
    return f"{_who(user)} may not use the consumer group {group}; {ADVICE}"


def _who(user: str | None) -> str:
    return "a client that has not signed in" if user is None else f"the user {user!r}"
