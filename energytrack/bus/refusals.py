"""What a broker refuses to a user, as a sentence that says what to do."""

from collections.abc import Iterable
from typing import Final

ADVICE: Final = "sign in as a user with that right, or grant it (docs/security.md, section Kafka)"


def may_not_write(user: str | None) -> str:
    """For one message; the topic is named before it."""
    return f"{_who(user)} may not write to it; {ADVICE}"


def may_not_write_anywhere(user: str | None) -> str:
    """For a producer that the broker does not even register."""
    return f"{_who(user)} may not write to any topic; {ADVICE}"


def may_not_read(user: str | None, topics: Iterable[str]) -> str:
    """For a member of a group."""
    return f"{_who(user)} may not read {', '.join(sorted(topics))}; {ADVICE}"


def may_not_join(user: str | None, group: str) -> str:
    """For a member of a group that is another's."""
    return f"{_who(user)} may not use the consumer group {group}; {ADVICE}"


def _who(user: str | None) -> str:
    return "a client that has not signed in" if user is None else f"the user {user!r}"
