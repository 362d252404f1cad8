"""Extracts sentences with babel: from Python, the page's JavaScript and templates, and what services send."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final
from warnings import catch_warnings, simplefilter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract

from energytrack.languages.service_sentences import CONTEXT, KNOWN

ROOT: Final = Path(__file__).parents[2]
CALLS: Final[Mapping[str, tuple[int | tuple[int, str], ...] | None]] = {
    "t": None, "self": None, "count": (1, 2), "meaning": ((1, "c"), 2), "tn": (1, 2), "tc": ((1, "c"), 2),
}  # fmt: skip
"""The functions that take sentences, and which of their arguments are the sentence, its plural, its context."""
SOURCES: Final = (
    ("energytrack/report", "*.py", "python"),
    ("energytrack/languages", "words.py", "python"),
    ("control_api/paging", "*.py", "python"),
    ("control_api/web", "*.py", "python"),
    ("control_api/web/templates", "*.html", "jinja2"),
    ("control_api/web/static", "*.js", "tools.languages.extraction:page_calls"),
)
CALL: Final = re.compile(r"(?<![\w.$])(t|tn|tc)\(\s*")
STRING: Final = re.compile(r"""\s*("(?:[^"\\\n]|\\.)*")\s*(,|\+|\))""")


def template() -> Catalog:
    """Every sentence once, with the files that contain it."""
    found = Catalog(project="Energy Track", fuzzy=False)
    for folder, pattern, method in SOURCES:
        for file in sorted((ROOT / folder).rglob(pattern)):
            if "vendor" not in file.parts:
                _add(found, file, method)
    for source, sentences in (("alerts.toml", _of_alerts()), ("energytrack/languages/service_sentences.py", KNOWN)):
        for sentence in sentences:
            found.add(sentence, locations=[(source, 1)], context=CONTEXT)
    return found


def _add(found: Catalog, file: Path, method: str) -> None:
    with file.open("rb") as source, catch_warnings():
        simplefilter("ignore")  # a gap's value may be an f-string, but the sentence is not
        for _, message, _, context in extract(method, source, keywords=CALLS):
            found.add(message, locations=[(file.relative_to(ROOT).as_posix(), 1)], context=context)


def page_calls(
    source: BinaryIO,
    _keywords: object,
    _comment_tags: object,
    options: object,  # noqa: ARG001  # babel names it
) -> Iterator[tuple[int, str, str | tuple[str, ...], list[str]]]:
    """The sentences of a module of the page, nested calls included, which babel's own extraction skips.

    Raises ValueError if a sentence is not a literal.
    """
    text = re.sub(r"(^\s*/?\*|(^|\s)//).*$", "", source.read().decode(), flags=re.MULTILINE)
    for call in CALL.finditer(text):
        if re.search(r"(function|const)\s+$", text[: call.start()]):
            continue
        line = text.count("\n", 0, call.start()) + 1
        said = list(_strings(text, call.end()))
        if len(said) < (1 if call[1] == "t" else 2):
            raise ValueError(f"{getattr(source, 'name', '')}:{line}: {call[1]}(…) needs its sentence in quotes")
        yield line, call[1], said[0] if call[1] == "t" else tuple(said[:2]), []


def _strings(text: str, start: int) -> Iterator[str]:
    """The arguments from `start` on, as long as they are strings."""
    parts: list[str] = []
    while (found := STRING.match(text, start)) is not None:
        parts.append(ast.literal_eval(found[1]))
        start = found.end()
        if found[2] != "+":
            yield "".join(parts)
            parts = []
        if found[2] == ")":
            return


def _of_alerts() -> Iterator[str]:
    alerts = tomllib.loads((ROOT / "alerts.toml").read_text(encoding="utf-8"))["alerts"]
    for alert in alerts:
        yield from (alert["summary"], alert["action"])
