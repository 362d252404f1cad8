"""The little of Markdown that reference pages need."""

from collections.abc import Iterable, Sequence

NOTICE = "<!-- Made by `./et tools.docs` from the code; changes to this file are lost. -->"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; pipes and line ends within cells are escaped."""
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def page(*parts: str) -> str:
    """The parts with an empty line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def code(text: object) -> str:
    """A value in monospace; empty without a value."""
    fence = "``" if "`" in str(text) else "`"
    gap = " " if str(text).endswith("`") or str(text).startswith("`") else ""
    return f"{fence}{gap}{text}{gap}{fence}" if str(text) else ""


def sentence(text: str | None) -> str:
    """A docstring as one paragraph."""
    return " ".join((text or "").split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
