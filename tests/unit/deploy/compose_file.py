"""compose.yaml as its tests see it."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).resolve().parents[3]
FILE: Final = ROOT / "compose.yaml"
BACKUPS: Final = frozenset({"backup", "restore"})
"""They have all secrets, run only when somebody asks, and reach nothing but the database."""


@cache
def described() -> dict[str, Any]:
    """The whole file, with its anchors resolved."""
    file: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return file


@dataclass(frozen=True)
class Container:
    """One service of the file."""

    name: str
    described: dict[str, Any]

    @property
    def env(self) -> dict[str, str]:
        """Its environment, as text."""
        return {name: str(value) for name, value in self.described.get("environment", {}).items()}

    @property
    def needs(self) -> dict[str, str]:
        """What it waits for, and until when."""
        return {name: each["condition"] for name, each in self.described.get("depends_on", {}).items()}

    @property
    def is_ours(self) -> bool:
        return bool(self.described["image"].startswith("energytrack:"))

    @property
    def runs_once(self) -> bool:
        return bool(self.described["restart"] == "no")


def containers() -> dict[str, Container]:
    """Every service by its name."""
    return {name: Container(name, each) for name, each in described()["services"].items()}


def of(part_name: str) -> Container:
    """The container of one of the local stack's services."""
    return containers()[part_name.replace("_", "-")]


ours = pytest.mark.parametrize(
    "container", [each for each in containers().values() if each.is_ours], ids=lambda container: container.name
)
every_container = pytest.mark.parametrize("container", containers().values(), ids=lambda container: container.name)


def variables() -> set[str]:
    """What the file takes from the environment of whoever starts it."""
    return set(re.findall(r"\$\{(\w+)", "\n".join(_code())))


def promised() -> set[str]:
    """What its opening comment says can be set."""
    entries = (re.match(r"#   ((?:[A-Z_]+(?:, )?)+)  ", line) for line in _lines())
    return {name for entry in entries if entry for name in entry.group(1).split(", ")}


def _code() -> list[str]:
    return [line for line in _lines() if not line.lstrip().startswith("#")]


def _lines() -> list[str]:
    return FILE.read_text(encoding="utf-8").splitlines()
