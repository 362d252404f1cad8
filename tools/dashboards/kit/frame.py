"""What all dashboards share: folder, refresh interval, links and annotations."""

from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row, TimePicker
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, VariableModel

from tools.dashboards.kit import links, variables
from tools.dashboards.kit.annotations import Mark, PostedAnnotations
from tools.dashboards.kit.wording.money import money

REFRESHES: Final = ["5s", "10s", "30s", "1m", "5m", "15m"]


@dataclass(frozen=True)
class DashboardSite:
    """The facts about its plant that a dashboard needs."""

    time_zone: str
    currency: str
    lines: tuple[str, ...] = ()
    """Production lines in the plant file's order, which is that of their colours."""
    types: tuple[str, ...] = ()
    """Types of machine, likewise."""

    @property
    def money(self) -> str:
        """Grafana's unit for amounts of the plant's currency."""
        return money(self.currency)


@dataclass(frozen=True)
class PanelRow:
    """Panels side by side: each with its width, of 24 in total."""

    height: int
    """In Grafana's units of 38 pixels."""
    panels: tuple[tuple[Builder[dashboard.Panel], int], ...]
    heading: str = ""


def panel_row(height: int, *panels: tuple[Builder[dashboard.Panel], int], heading: str = "") -> PanelRow:
    """A row of that height."""
    return PanelRow(height, panels, heading)


UNIT: Final = 38
"""Pixels of one of Grafana's units of height, of which the last panel of a row leaves 8 empty."""
ROW: Final = 37
"""Pixels of a table's row, and of its headings."""
TITLE: Final = 40
MOST_ROWS: Final = 12


def height_of_table(rows: int) -> int:
    """The height that shows so many rows without scrolling, up to a dozen."""
    return -(-((min(rows, MOST_ROWS) + 1) * ROW + TITLE + 8 + 12) // UNIT)


MOST_ACROSS: Final = 4
"""Numbers in a row: the title of the sixth part of a tablet of 820 pixels has room for six letters."""


def tiles(*numbers: Builder[dashboard.Panel], heading: str = "") -> tuple[PanelRow, ...]:
    """Numbers side by side, equally wide; more than four share two rows, which are lower."""
    if len(numbers) <= MOST_ACROSS:
        return (_evenly(4, numbers, heading),)
    first = -(-len(numbers) // 2)
    return (_evenly(3, numbers[:first], heading), _evenly(3, numbers[first:], ""))


def _evenly(height: int, panels: tuple[Builder[dashboard.Panel], ...], heading: str) -> PanelRow:
    return PanelRow(height, tuple((panel, 24 // len(panels)) for panel in panels), heading)


def framed(
    uid: str,
    title: str,
    question: str,
    *,
    site: DashboardSite,
    since: str,
    refresh: str,
    choices: tuple[Builder[VariableModel], ...] = (),
    marks: tuple[Mark | PostedAnnotations, ...] = (),
) -> Dashboard:
    """A dashboard without panels yet; `question` is the question that it answers."""
    frame = (
        Dashboard(title)
        .uid(uid)
        .description(question)
        .tags([links.TAG])
        .readonly()
        .timezone(site.time_zone)
        .time(since, "now")
        .timepicker(TimePicker().refresh_intervals(REFRESHES))
        .refresh(refresh)
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(links.menu())
        .link(links.operators())
        .with_variable(variables.data_source())
    )
    for choice in choices:
        frame = frame.with_variable(choice)
    for mark in marks:
        frame = frame.annotation(mark)
    return frame


def laid_out(frame: Dashboard, *panel_rows: PanelRow) -> Dashboard:
    """Put panels on the grid, row below row, and number them in that order."""
    number = 0
    for row in panel_rows:
        if row.heading:
            frame = frame.with_row(Row(row.heading))
        for panel, width in row.panels:
            number += 1
            frame = frame.with_panel(_Placed(panel, number, dashboard.GridPos(w=width, h=row.height)))
    return frame


@dataclass(frozen=True)
class _Placed(Builder[dashboard.Panel]):
    panel: Builder[dashboard.Panel]
    number: int
    size: dashboard.GridPos

    def build(self) -> dashboard.Panel:
        """The panel with its number and size; the library places it."""
        panel = self.panel.build()
        panel.id_val = self.number
        panel.grid_pos = self.size
        return panel
