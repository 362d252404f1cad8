"""The runbook as a page of the front door: whoever is paged can open its links on a phone, without a checkout."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

SOURCES: Final = ("alerts.md", "runbook.md")
"""What each alert means, and what to do by what a person sees; of the folder docs/."""
NOTICE: Final = (
    "<!-- Made by `python -m tools.docs` from docs/alerts.md and docs/runbook.md; what is changed here is lost. -->"
)


def runbook_text(docs: Path) -> str:
    """The body of the page. Every heading has its words as an anchor, as links of alerts expect."""
    reader = MarkdownIt("commonmark").enable("table")
    parts = [reader.parse((docs / source).read_text(encoding="utf-8")) for source in SOURCES]
    for tokens in parts:
        for heading, words in _headings(tokens):
            heading.attrSet("id", words.lower().replace(" ", "-"))
    body = "".join(reader.renderer.render(tokens, reader.options, {}) for tokens in parts)
    return f"{NOTICE}\n{{% raw %}}\n{body}{{% endraw %}}\n"


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    return ((token, tokens[at + 1].content) for at, token in enumerate(tokens) if token.type == "heading_open")
