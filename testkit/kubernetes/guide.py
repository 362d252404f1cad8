"""The blocks of a page of the documentation, as people copy them."""

import re
from pathlib import Path


def block(page: Path, after: str, language: str) -> str:
    """The first block in this language after these words; raises ValueError where the page has none."""
    _, found, rest = page.read_text(encoding="utf-8").partition(after)
    there = re.search(rf"^```{language}\n(.*?)^```$", rest, re.MULTILINE | re.DOTALL)
    if not found or there is None:
        raise ValueError(f"{page.name} has no {language} after {after!r}")
    return there[1]
