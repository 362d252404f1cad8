"""Columns of a table that consists of one query per column."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from grafana_foundation_sdk.builders import common, table
from grafana_foundation_sdk.builders.dashboard import DashboardLink, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue, ValueMapping

from tools.dashboards.kit.colours import RISK

_VALUE: Final = re.compile("^Value #.*")


@dataclass(frozen=True)
class PanelColumn:
    """A column: the field behind it (a label, or `Value #name` of the query of that name) and its style."""

    field: str
    title: str
    looks: tuple[DynamicConfigValue, ...] = ()


def look(identity: str, value: object) -> DynamicConfigValue:
    """One property of a column, by its name in Grafana's field configuration."""
    return DynamicConfigValue(id_val=identity, value=value)


def measured(
    query: str, title: str, *, unit: str, meaning: ThresholdsConfig | None = None, decimals: int | None = None
) -> PanelColumn:
    """A column of numbers; if the values have a meaning, the text is coloured."""
    looks = [look("unit", unit)]
    if decimals is not None:
        looks.append(look("decimals", decimals))
    if meaning is not None:
        looks += [look("thresholds", meaning.build()), look("custom.cellOptions", {"type": "color-text"})]
    return PanelColumn(f"Value #{query}", title, tuple(looks))


def worded(query: str, title: str, mappings: list[ValueMapping], *, width: int = 90) -> PanelColumn:
    """A column of values shown as words."""
    return PanelColumn(
        f"Value #{query}",
        title,
        (
            look("mappings", mappings),
            look("custom.cellOptions", {"type": "color-text"}),
            look("custom.align", "left"),
            look("custom.width", width),
        ),
    )


def risk_gauge(width: int | None = None) -> PanelColumn:
    """The column of the query `risk`: a machine's failure probability as a bar."""
    looks = [
        look("unit", "percentunit"),
        look("min", 0),
        look("max", 1),
        look("decimals", 0),
        look("thresholds", RISK.build()),
        look("custom.cellOptions", {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}),
    ]
    if width is not None:
        looks.append(look("custom.width", width))
    return PanelColumn("Value #risk", "Failure probability", tuple(looks))


def linked(label: str, title: str, *links: DashboardLink, shown: str = "", width: int | None = None) -> PanelColumn:
    """A column of a label's values as links: `title` for links and buttons, `shown` as its heading."""
    looks = [look("links", [link.build() for link in links])]
    if shown:
        looks.append(look("displayName", shown))
    if width is not None:
        looks.append(look("custom.width", width))
    return PanelColumn(label, title, tuple(looks))


def with_columns(panel: table.Panel, *columns: PanelColumn, sorted_by: str = "") -> table.Panel:
    """Join the queries on the labels that they share, and show only these columns, in this order.

    Rows come in the order of the first query, or by the column of that title, the largest first.
    """
    if sorted_by:
        panel = panel.sort_by([common.TableSortByFieldState().display_name(sorted_by).desc(True)])
    if len(panel.build().targets or ()) == 1:  # then nothing is joined, and the value is just called "Value"
        columns = tuple(replace(column, field=_VALUE.sub("Value", column.field)) for column in columns)
    fields = [column.field for column in columns]
    shown: dict[str, Any] = {
        "includeByName": dict.fromkeys(fields, True),
        "indexByName": {field: index for index, field in enumerate(fields)},
        "renameByName": {column.field: column.title for column in columns},
        "excludeByName": {},
    }
    panel = panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    panel = panel.with_transformation(DataTransformerConfig(id_val="organize", options=shown))
    for column in columns:
        if column.looks:
            panel = panel.override_by_name(column.title, list(column.looks))
    return panel
