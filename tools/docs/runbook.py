"""The runbook as a page of the front door, so that people who are paged can open it on a phone."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

NOTICE: Final = "<!-- Made by `./et tools.docs` from docs/runbook.md; changes to this file are lost. -->"


def runbook_text(docs: Path) -> str:
    """The body of the page. The anchor of every heading is made of its words, as links of alerts expect."""
    reader = MarkdownIt("commonmark").enable("table")
    tokens = reader.parse((docs / "runbook.md").read_text(encoding="utf-8"))
    for heading, words in _headings(tokens):
        heading.attrSet("id", words.lower().replace(" ", "-"))
    for token in tokens:
        token.children = _without_links_to_files(token.children or [])
    body = reader.renderer.render(tokens, reader.options, {})
    return f"{NOTICE}\n{{% raw %}}\n{body}{{% endraw %}}\n"


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    return ((token, tokens[at + 1].content) for at, token in enumerate(tokens) if token.type == "heading_open")


def _without_links_to_files(inline: Sequence[Token]) -> list[Token]:
    """The other pages of docs/ are not served: a link to one would lead nowhere, so its path is named instead."""
    kept: list[Token] = []
    path = ""
    for token in inline:
        if token.type == "link_open":
            target = str(token.attrGet("href"))
            path = "" if target.startswith(("#", "/", "http:", "https:")) else f"docs/{target}"
        if path and token.type == "link_open":
            continue
        if path and token.type == "link_close":
            kept.append(Token("text", "", 0, content=f" ({path})"))
            path = ""
            continue
        kept.append(token)
    return kept
