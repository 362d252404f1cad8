"""Queries of a plant's dashboards, for the centre: about one plant of several.

A plant's own series have no label `plant`; at the centre all have one. There, a query about the series of one plant
only has the same result: every selector gets one more condition, and nothing else changes.
"""

import re
from collections.abc import Iterator
from typing import Final

from centre.series import SENT
from energytrack.centre.settings import LABEL

CONDITION: Final = f'{LABEL}="$plant"'
_TOKEN: Final = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*")"""
    r"""|(?P<range>\[[^\]]*\])"""
    r"""|(?P<variable>\$\{?\w+\}?)"""
    r"""|(?P<number>\d[\w.]*)"""
    r"""|(?P<labels>\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\))"""
    r"""|(?P<name>[a-zA-Z_:][\w:]*)"""
    r"""|(?P<brace>\{)"""
    r"""|(?P<other>.)""",
    re.DOTALL,
)
_WORDS: Final = frozenset(
    {
        "and",
        "or",
        "unless",
        "offset",
        "bool",
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "NaN",
        "Inf",
    }
)


def of_one_plant(expression: str) -> str:
    """The query with the condition in each of its selectors."""
    written = []
    for kind, token, rest in _tokens(expression):
        written.append(token)
        if kind == "brace":
            written.append(CONDITION if rest.lstrip().startswith("}") else f"{CONDITION},")
        elif _is_series(kind, token, rest) and not rest.startswith("{"):
            written.append(f"{{{CONDITION}}}")
    return "".join(written)


def series_of(expression: str) -> frozenset[str]:
    """The names of the series that a query selects."""
    return frozenset(token for kind, token, rest in _tokens(expression) if _is_series(kind, token, rest))


def is_sent(expression: str) -> bool:
    """Whether a plant sends all series that a query selects."""
    return all(re.fullmatch(SENT, name) for name in series_of(expression))


def _is_series(kind: str | None, token: str, rest: str) -> bool:
    return kind == "name" and token not in _WORDS and not rest.lstrip().startswith("(") and not _is_aggregation(rest)


def _is_aggregation(rest: str) -> bool:
    """Whether an aggregation follows, `sum by (line) (…)`: its labels come before its argument."""
    return re.match(r"\s*(?:by|without)\b", rest) is not None


def _tokens(expression: str) -> Iterator[tuple[str | None, str, str]]:
    """(kind, text, what follows); everything between braces is one text."""
    at = 0
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None:  # it matches any character
            raise AssertionError(expression[at:])
        at = found.end()
        yield found.lastgroup, found.group(), expression[at:]
        if found.lastgroup == "brace":
            inside = re.compile(r'(?:[^}"]|"(?:[^"\\]|\\.)*")*').match(expression, at)
            if inside is not None:
                at = inside.end()
                yield "labels", inside.group(), expression[at:]
