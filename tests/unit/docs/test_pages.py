"""What people read: links lead somewhere, and commands are printed as they can be typed."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
AWAITED: Final = {ROOT / "docs" / "ml.md", ROOT / "docs" / "decisions" / "libraries.md"}
"""Linked to already, each written in a change of its own."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_a_link_leads_to_a_file_and_to_a_heading_of_it(page: Path) -> None:
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


@each_page
def test_a_command_is_printed_as_it_can_be_typed(page: Path) -> None:
    """`./et X`; in a container there is `python -m X`."""
    text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"docker compose (exec|run)[^`\n]* python -m", "", text)
    text = text.split("## 0.1.0")[0].replace("`python -m …`", "")  # what was released is described as it was
    assert re.findall(r".*\bpython3? -m .*", text) == []


@each_page
def test_a_command_names_what_can_be_run(page: Path) -> None:
    named = set(re.findall(r"\./et ([a-z_.]*[a-z_])", page.read_text(encoding="utf-8")))
    assert {name for name in named if not can_be_run(name)} == set()


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http:", "https:", "mailto:")):
            yield target


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if target in AWAITED and not target.exists():
        return True
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """As forges make them: lower case, no punctuation, hyphens for spaces; and those that are written out."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)">', text))


def can_be_run(name: str) -> bool:
    found = find_spec(name)
    return found is not None and (found.submodule_search_locations is None or find_spec(f"{name}.__main__") is not None)
