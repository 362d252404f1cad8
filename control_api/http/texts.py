"""Refuses texts that are shown as something else than what they are. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic_core import PydanticCustomError

MISLEADING: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, which can clear the terminal of whoever reads a log, and those that reverse the text around them
(Trojan Source, CVE-2021-42574). Tabs and new lines are allowed.
"""
UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp", "Zs"})
"""Unicode's categories of characters that nobody sees."""


def check_shown(text: str) -> None:
    """Raises PydanticCustomError, with an error type of `messages`."""
    found = MISLEADING.search(text)
    if found is not None:
        raise PydanticCustomError("text_misleading", "misleading", {"character": f"U+{ord(found[0]):04X}"})
    if text.strip() and all(unicodedata.category(character) in UNSEEN for character in text):
        raise PydanticCustomError("text_invisible", "invisible")


def texts_in(value: Any) -> Iterator[str]:
    """All texts of a field, also within lists and objects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from texts_in(name)
            yield from texts_in(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from texts_in(each)
