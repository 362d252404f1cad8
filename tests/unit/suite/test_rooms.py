"""CONTRIBUTING names every folder, and the control API's folders are listed in the order of their layers."""

import re
import tomllib
from typing import Any, Final

from tests.unit.suite.test_places_of_tests import ROOT

ROOMS: Final = (
    "bench", "centre", "control_api", "energytrack", "exporters", "gateway", "historian", "local", "ml", "simulator",
    "testkit", "tools",
)  # fmt: skip
ROW: Final = re.compile(r"^\| (`.+?) \|", re.MULTILINE)


def folders(room: str) -> list[str]:
    """The packages of a top folder, by name."""
    return sorted(path.parent.name for path in (ROOT / room).glob("*/__init__.py"))


def layers(name: str) -> list[list[str]]:
    """The layers of a contract of import-linter, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    (contract,) = (each for each in contracts if each["name"].startswith(name))
    return [[module.strip() for module in layer.split("|")] for layer in contract["layers"]]


def test_contributing_names_every_folder() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    missing = [f"{room}/{name}" for room in ROOMS for name in folders(room) if f"{name}/" not in text]
    assert missing == []


def test_the_control_api_s_folders_are_listed_in_the_order_of_their_layers() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.partition("## Inside the control API")[2].partition("\n## ")[0]
    listed = [re.findall(r"`(\w+)/`", row) for row in ROW.findall(section)]
    place = {name: number for number, layer in enumerate(layers("The rooms of the control API")) for name in layer}
    assert sorted(name for row in listed for name in row) == folders("control_api")
    rows = [{place[name] for name in row} for row in listed if row]
    assert all(len(row) == 1 for row in rows)
    assert rows == sorted(rows, key=min)
