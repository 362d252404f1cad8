"""Columns of a table that consists of one query per column."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from grafana_foundation_sdk.builders import common, table
from grafana_foundation_sdk.builders.dashboard import DashboardLink, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    MatcherConfig,
    ValueMapping,
)

from tools.dashboards.kit.queries import NO_SUBJECT
from tools.dashboards.kit.wording import codes
from tools.dashboards.kit.wording.colours import RISK, not_known

_VALUE: Final = re.compile("^Value #.*")
ABSENT: Final = "\N{EN DASH}"
"""Shown in a cell without a value, instead of the sentence of an empty table."""
NARROWEST: Final = 104
"""Pixels of a column without a width."""
LETTER: Final = 8
"""Pixels of a letter of a heading, on average and rounded up."""
BESIDE: Final = 16
"""Pixels to the left and to the right of a heading."""
ARROW: Final = 20
"""Pixels of the arrow beside the heading by which a table is sorted."""


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
    query: str,
    title: str,
    *,
    unit: str,
    meaning: ThresholdsConfig | None = None,
    decimals: int | None = None,
    width: int | None = None,
) -> PanelColumn:
    """A column of numbers, so many pixels wide; if the values have a meaning, the text is coloured."""
    looks = [look("unit", unit)]
    if width is not None:
        looks.append(look("custom.width", width))
    if decimals is not None:
        looks.append(look("decimals", decimals))
    if meaning is not None:
        looks += [look("thresholds", meaning.build()), look("custom.cellOptions", {"type": "color-text"})]
    return PanelColumn(f"Value #{query}", title, tuple(looks))


def coded(label: str, title: str, *looks: DynamicConfigValue) -> PanelColumn:
    """A column of a label's codes, written as words."""
    return PanelColumn(label, title, (look("mappings", codes.in_cells()), *looks))


KIND: Final = coded("device_type", "Type", look("custom.minWidth", 120))


def hidden(label: str) -> PanelColumn:
    """A label that is hidden, but needed by buttons."""
    return PanelColumn(label, label, (look("custom.hideFrom.viz", True),))


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


AS_BAR: Final = look("custom.cellOptions", {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"})


def risk_gauge(width: int | None = None, *, shown: str = "Failure probability") -> PanelColumn:
    """The column of the query `risk`: a machine's failure probability as a bar."""
    looks = [
        look("unit", "percentunit"),
        look("min", 0),
        look("max", 1),
        look("decimals", 0),
        look("thresholds", RISK.build()),
        AS_BAR,
    ]
    if width is not None:
        looks.append(look("custom.width", width))
    return PanelColumn("Value #risk", shown, tuple(looks))


def ranked(title: str, *, unit: str, decimals: int) -> PanelColumn:
    """The column of the query `amount` as bars."""
    return PanelColumn("Value #amount", title, (look("unit", unit), look("min", 0), look("decimals", decimals), AS_BAR))


def linked(label: str, title: str, *links: DashboardLink, shown: str = "", width: int | None = None) -> PanelColumn:
    """A column of a label's values as links: `title` for links and buttons, `shown` as its heading."""
    looks = [look("links", [link.build() for link in links])]
    if shown:
        looks.append(look("displayName", shown))
    if width is not None:
        looks.append(look("custom.width", width))
    if width is not None and width >= NARROWEST:  # the words for a service that does not answer are longer than a name
        looks.append(look("custom.wrapText", True))
    return PanelColumn(label, title, tuple(looks))


def with_columns(panel: table.Panel, *columns: PanelColumn, sorted_by: str = "") -> table.Panel:
    """Join the queries on the labels that they share, and show only these columns, in this order.

    Rows come in the order of the first query, or by the column with the title `sorted_by`, largest first.
    """
    if sorted_by:
        panel = panel.sort_by([common.TableSortByFieldState().display_name(sorted_by).desc(True)])
    joined = len(panel.build().targets or ()) > 1
    if not joined:  # the value is then just called "Value"
        columns = tuple(replace(column, field=_VALUE.sub("Value", column.field)) for column in columns)
    fields = [column.field for column in columns]
    grouped = [f"{field} (last)" if joined and _VALUE.match(field) else field for field in fields]
    shown: dict[str, Any] = {
        "includeByName": dict.fromkeys(grouped, True),
        "indexByName": {field: index for index, field in enumerate(grouped)},
        "renameByName": {field: column.title for field, column in zip(grouped, columns, strict=True)},
        "excludeByName": {},
    }
    panel = panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    columns = tuple(_as_wide_as_its_heading(_without_nan(column), sorted_by) for column in columns)
    columns = tuple(replace(column, looks=(look("noValue", ABSENT), *column.looks)) for column in columns)
    if joined:
        panel = panel.with_transformation(_without_empty(fields))
    panel = panel.with_transformation(DataTransformerConfig(id_val="organize", options=shown))
    for column in columns:
        if column.looks:
            panel = panel.override_by_name(column.title, list(column.looks))
    if any(each.id_val == "actions" for column in columns for each in column.looks):
        panel = panel.with_override(_ABOUT_NOTHING, [look("custom.hideFrom.viz", True)])
    return panel


_ABOUT_NOTHING: Final = MatcherConfig(
    id_val="byValue", options={"reducer": "lastNotNull", "op": "eq", "value": NO_SUBJECT}
)
"""A column of buttons whose last row is about nothing: there are no others."""


def _as_wide_as_its_heading(column: PanelColumn, sorted_by: str) -> PanelColumn:
    """The column with a least width, unless it has a width: a table then scrolls before a heading is cut off."""
    said = {each.id_val: each.value for each in column.looks}
    heading = str(said.get("displayName", column.title))
    least = LETTER * len(heading) + BESIDE + (ARROW if heading == sorted_by else 0)
    if least <= NARROWEST or said.keys() & {"custom.width", "custom.minWidth", "custom.hideFrom.viz"}:
        return column
    return replace(column, looks=(*column.looks, look("custom.minWidth", least)))


def _without_nan(column: PanelColumn) -> PanelColumn:
    """The column with a dash instead of NaN: values that are unknown while a service does not answer."""
    if not _VALUE.match(column.field) and column.field != "Value":
        return column
    worded_as: Any = next((each.value for each in column.looks if each.id_val == "mappings"), [])
    others = tuple(each for each in column.looks if each.id_val != "mappings")
    return replace(column, looks=(*others, look("mappings", [*worded_as, not_known(ABSENT)])))


def _without_empty(fields: list[str]) -> DataTransformerConfig:
    """Group the rows by their labels, which changes none of them, but leaves out a table without rows.

    Queries without any result are joined to a table with headings only, which would hide the panel's sentence.
    """
    labels = {field: {"operation": "groupby", "aggregations": []} for field in fields if not _VALUE.match(field)}
    values = {field: {"operation": "aggregate", "aggregations": ["last"]} for field in fields if _VALUE.match(field)}
    return DataTransformerConfig(id_val="groupBy", options={"fields": labels | values})
