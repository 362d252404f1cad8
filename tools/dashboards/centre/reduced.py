"""A plant's dashboard for the centre: about the chosen plant, with the series that plants send, without orders.

Orders are given at the plant, so the centre has no buttons and no links to the operators' page. Panels about series
that do not leave the plant are left out too.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from energytrack.centre.settings import LABEL
from tools.dashboards.centre.queries import CONDITION, is_sent, of_one_plant
from tools.dashboards.kit.wording.money import is_money

ORDERS: Final = "/control/"
WIDTH: Final = 24
LEAST: Final = 4
"""The fewest panels about series of a dashboard that is worth showing."""
KNOWN: Final = "energytrack_device_info"
SENT_ONE: Final = "device:last_reading_timestamp_seconds:max"
"""The series that the centre has of every machine instead."""
AMOUNT: Final = "short"
"""Every plant has a currency of its own; the label of a tooltip says which."""
Json = dict[str, Any]


def reduced(board: Json) -> Json | None:
    """The centre's dashboard; None if too little of it is left."""
    panels = [panel for panel in board["panels"] if _stays(panel)]
    if sum("targets" in panel for panel in panels) < LEAST:
        return None
    shown = {
        **board,
        "timezone": "browser",
        "panels": _placed([_panel(panel) for panel in panels]),
        "annotations": {"list": [_mark(mark) for mark in _marks(board) if is_sent(mark["expr"])]},
        "templating": {"list": list(_choices(board["templating"]["list"]))},
        "links": _links(board["links"]),
    }
    priced: Json = _without_currency(shown)
    return priced


def at_centre(value: Any, here: frozenset[str]) -> Any:
    """The value without links to the operators' page, and to dashboards other than these."""
    if isinstance(value, dict):
        return {key: at_centre(each, here) for key, each in value.items()}
    if isinstance(value, list):
        return [at_centre(each, here) for each in value if not _leads_away(each, here)]
    return value


def _leads_away(value: Any, here: frozenset[str]) -> bool:
    url = value.get("url") if isinstance(value, dict) else None
    if not isinstance(url, str):
        return False
    dashboard = re.match(r"/d/([\w-]+)", url)
    return url.startswith(ORDERS) or (dashboard is not None and dashboard[1] not in here)


def _stays(panel: Json) -> bool:
    if panel["type"] in {"row", "text"}:
        return bool(panel["type"] == "row")
    return all(is_sent(target["expr"]) for target in panel.get("targets", ()))


def _panel(panel: Json) -> Json:
    shown = {**panel}
    if "targets" in panel:
        shown["targets"] = [{**target, "expr": of_one_plant(target["expr"])} for target in panel["targets"]]
    fields = panel.get("fieldConfig")
    if fields:
        defaults = {**fields["defaults"]}
        if "links" in defaults:
            defaults["links"] = _links(defaults["links"])
        overrides = [{**each, "properties": _properties(each["properties"])} for each in fields.get("overrides", ())]
        shown["fieldConfig"] = {**fields, "defaults": defaults, "overrides": overrides}
    return shown


def _properties(properties: list[Json]) -> list[Json]:
    kept = [each for each in properties if each["id"] != "actions"]
    return [{**each, "value": _links(each["value"])} if each["id"] == "links" else each for each in kept]


def _links(links: list[Json]) -> list[Json]:
    """The links, each with the plant."""
    return [
        {**link, "url": re.sub(r"(/d/[\w-]+)\?", rf"\1?var-{LABEL}=$plant&", link["url"])} if link.get("url") else link
        for link in links
    ]


def _marks(board: Json) -> Iterator[Json]:
    return (mark for mark in board.get("annotations", {}).get("list", ()) if "expr" in mark)


def _mark(mark: Json) -> Json:
    return {**mark, "expr": of_one_plant(mark["expr"])}


def _choices(choices: list[Json]) -> Iterator[Json]:
    """The variables: the data source, the plant, then those of the plant's own dashboard."""
    source, *others = choices
    yield source
    yield {
        "type": "query",
        "name": LABEL,
        "label": "Plant",
        "description": "The plant to look at",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "query": {"qryType": 1, "query": f"label_values(state:devices:sum, {LABEL})", "refId": "variable-plant"},
        "refresh": 2,
        "sort": 1,
        "multi": False,
        "includeAll": False,
        "hide": 0,
        "skipUrlSync": False,
    }
    for choice in others:
        asked = choice["query"]["query"].replace(KNOWN, SENT_ONE)
        asked = asked.replace(f"{SENT_ONE}{{", f"{SENT_ONE}{{{CONDITION},").replace(
            f"{SENT_ONE},", f"{SENT_ONE}{{{CONDITION}}},"
        )
        yield {**choice, "query": {**choice["query"], "query": asked}}


def _placed(panels: list[Json]) -> list[Json]:
    """The panels that are left, row below row, each row as wide as before; headings without panels are left out."""
    rows: dict[int, list[Json]] = {}
    for panel in panels:
        rows.setdefault(panel["gridPos"]["y"], []).append(panel)
    ordered = [rows[at] for at in sorted(rows)]
    filled = [
        row
        for row, after in zip(ordered, [*ordered[1:], []], strict=True)
        if row[0]["type"] != "row" or (after and after[0]["type"] != "row")
    ]
    placed, y = [], 0
    for row in filled:
        wide, x = sum(panel["gridPos"]["w"] for panel in row), 0
        for number, panel in enumerate(row, start=1):
            last = number == len(row)
            width = WIDTH - x if last else round(panel["gridPos"]["w"] * WIDTH / wide)
            placed.append({**panel, "gridPos": {**panel["gridPos"], "x": x, "y": y, "w": width}})
            x += width
        y += max(panel["gridPos"]["h"] for panel in row)
    return placed


def _without_currency(value: Any) -> Any:
    """The value with amounts as numbers."""
    if isinstance(value, dict):
        return {key: _without_currency(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_currency(each) for each in value]
    return AMOUNT if isinstance(value, str) and is_money(value) else value
