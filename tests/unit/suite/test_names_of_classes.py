"""A class's name means one thing in the whole house, so that a name in a message, a review or a search is enough."""

import re
from collections import defaultdict
from pathlib import Path

from tests.unit.suite.test_places_of_tests import ROOT

ROOMS = (
    "bench", "centre", "control_api", "deploy", "energytrack", "exporters", "gateway", "historian", "local", "ml",
    "simulator", "testkit", "tests", "tools",
)  # fmt: skip


def classes(path: Path) -> list[str]:
    """The classes of a module, without those within functions and classes."""
    return re.findall(r"^class (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_no_two_classes_have_one_name() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for name in classes(path):
                places[name].append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
