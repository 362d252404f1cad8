"""Folders and modules small enough to be read: a folder by its list of files, a module from top to bottom."""

from collections import Counter
from typing import Final

from tests.unit.suite.test_places_of_tests import PACKAGES, ROOT

MOST_MODULES: Final = 16
MOST_LINES: Final = 300
SUFFIXES: Final = {".py", ".js"}
GENERATED: Final = "control_api/web/static/page/service/formats.js"

files: Final = [
    path
    for package in (*PACKAGES, "bench", "testkit")
    for path in sorted((ROOT / package).rglob("*"))
    if path.suffix in SUFFIXES and path.name != "__init__.py" and not {"node_modules", "vendor"} & set(path.parts)
]


def test_no_folder_has_more_modules_than_can_be_looked_over() -> None:
    counts = Counter(str(path.parent.relative_to(ROOT)) for path in files)
    assert len(counts) > 100
    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES} == {}


def test_no_module_is_longer_than_can_be_read_at_once() -> None:
    lines = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in files}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {GENERATED: lines[GENERATED]}
