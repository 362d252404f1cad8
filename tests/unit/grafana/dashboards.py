"""The committed dashboards as the lint sees them: panels, queries, links and marks, each with where it stands."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
FOLDER: Final = ROOT / "grafana" / "dashboards"
WINDOWS: Final = {
    "$__interval_ms": "60000",
    "$__to": "1e15",
    "$__range_s": "3600",
    "$__rate_interval": "1m",
    "$__interval": "1m",
    "$__range": "1h",
}


@dataclass(frozen=True)
class DashboardFile:
    """One dashboard."""

    file: str
    json: dict[str, Any]

    @property
    def panels(self) -> list[dict[str, Any]]:
        """Every panel that shows something; headings are not among them."""
        return [panel for panel in self.json["panels"] if panel["type"] != "row"]

    @property
    def rows(self) -> int:
        """How many steps of Grafana's grid it is tall."""
        return max(int(at["y"] + at["h"]) for at in (panel["gridPos"] for panel in self.json["panels"]))

    @property
    def choices(self) -> dict[str, dict[str, Any]]:
        """The variables at its top, by name."""
        return {choice["name"]: choice for choice in self.json["templating"]["list"]}

    @property
    def marks(self) -> list[dict[str, Any]]:
        """Annotations that ask Prometheus."""
        return [mark for mark in self.json["annotations"].get("list", ()) if "expr" in mark]

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Every PromQL expression of panels, marks and choices, with where it stands."""
        selected = {
            name: re.fullmatch(r"label_values\((.*), \w+\)", choice["query"]["query"])
            for name, choice in self.choices.items()
            if choice["type"] == "query"
        }
        return [
            *((panel["title"], target["expr"]) for panel in self.panels for target in panel.get("targets", ())),
            *((f"mark {mark['name']}", mark["expr"]) for mark in self.marks),
            *((f"choice {name}", match.group(1)) for name, match in selected.items() if match),
        ]


@cache
def boards() -> tuple[DashboardFile, ...]:
    """Every committed dashboard."""
    return tuple(
        DashboardFile(path.name, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.json"))
    )


every_board: Final = pytest.mark.parametrize("board", boards(), ids=lambda board: board.file)


def breaking(board: DashboardFile, breaks: Callable[[dict[str, Any]], bool]) -> list[str]:
    """The titles of the panels that break a rule."""
    return [panel["title"] for panel in board.panels if breaks(panel)]


def plain(expression: str, *, device: str = ".*") -> str:
    """The expression as Prometheus gets it, with all lines and types chosen, and all machines or this one."""
    for name, value in WINDOWS.items():
        expression = expression.replace(name, value)
    return expression.replace("$device_type", ".*").replace("$device", device).replace("$line", ".*")


def texts(value: object) -> Iterator[str]:
    """Every string within a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def under(key: str, value: object) -> Iterator[Any]:
    """Whatever stands under a key, anywhere within a JSON value."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == key:
                yield each
            yield from under(key, each)
    elif isinstance(value, list):
        for each in value:
            yield from under(key, each)


def looks_of(panel: dict[str, Any], heading: str) -> Iterator[tuple[str, Any]]:
    """What is set of a column, by its heading."""
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"] == {"id": "byName", "options": heading}:
            yield from ((each["id"], each["value"]) for each in override["properties"])
