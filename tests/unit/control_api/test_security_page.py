"""docs/security.md promises a test for each of its lines."""

import re
from pathlib import Path

PAGE = Path("docs/security.md").read_text(encoding="utf-8")
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests").rglob("test_*.py"))


def test_every_test_that_the_page_names_is_there() -> None:
    """By its name, or by its file."""
    named = set(re.findall(r"\b(test_\w+)(?!\.py|\w)", PAGE))
    assert {
        name for name in named if f"def {name}(" not in TESTS and not list(Path("tests").rglob(f"{name}.py"))
    } == set()


def test_every_threat_has_a_test() -> None:
    """A line without one would be a wish."""
    threats = PAGE.split("| --- | --- | --- |")[2].split("\n\n")[0].strip().splitlines()
    assert len(threats) > 25
    assert [line for line in threats if "test" not in line.split("|")[3] and "browser" not in line.split("|")[3]] == []
