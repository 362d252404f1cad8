"""No page of the documentation points at what is not there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.docs.__main__ import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """(file or folder, heading) of each relative link; the page itself where a link names a heading only."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for path, heading in LINK.findall(text):
        yield (page.parent / path).resolve() if path else page, heading


def headings(page: Path) -> set[str]:
    """As links name them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """To a file or folder of this repository, and to a heading that is on it."""
    lost = [str(target) for target, _ in links(page) if not target.exists()]
    lost += [
        f"{target}#{heading}"
        for target, heading in links(page)
        if heading and target.suffix == ".md" and target.exists() and heading not in headings(target)
    ]
    assert not lost
