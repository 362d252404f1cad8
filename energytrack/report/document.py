"""A report in words, for the template, which lays it out and knows nothing about energy."""

from typing import Literal

from msgspec import Struct


class Figure(Struct, frozen=True):
    """A number that people look for first."""

    name: str
    value: str
    note: str
    is_waste: bool = False


class Column(Struct, frozen=True):
    """A column of a table."""

    title: str
    align: Literal["left", "right"] = "right"


class Bar(Struct, frozen=True):
    """A cell with a bar, as a share of the longest one, and with a part of the bar marked."""

    whole: float
    part: float


Cell = str | Bar


class ReportTable(Struct, frozen=True):
    """Rows of cells; `total`, if any, is one more row below them."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[str, ...] = ()


class AxisTick(Struct, frozen=True):
    """A tick of an axis, with its label."""

    at: float
    """0 to 1, from left or from top."""
    text: str


class DayBar(Struct, frozen=True):
    """A bar of the month's days; heights from 0 to 1."""

    label: str
    used: float
    idle: float
    is_off: bool
    """Saturday, Sunday, holiday or shutdown."""


class Days(Struct, frozen=True):
    """The energy of each day, as bars."""

    bars: tuple[DayBar, ...]
    ticks: tuple[AxisTick, ...]
    unit: str
    used: str
    idle: str
    off: str


class HeatMap(Struct, frozen=True):
    """A heat map of small squares, and its axes."""

    width: int
    height: int
    pixels: tuple[int, ...]
    """Red, green, blue, row after row."""
    across: tuple[AxisTick, ...]
    down: tuple[AxisTick, ...]
    scale: tuple[str, str, str]
    """The scale of the colours: lowest, middle, highest."""
    unknown: str
    mark: tuple[float, float] | None
    """The square with the peak, from left and top, 0 to 1."""
    centimetres: float
    """Its printed height."""


class LinePlot(Struct, frozen=True):
    """A line over days, and its axes."""

    points: tuple[tuple[float, float], ...]
    """From left and from top, 0 to 1."""
    zero: float
    """The position of zero, from top."""
    across: tuple[AxisTick, ...]
    down: tuple[AxisTick, ...]
    unit: str


class Section(Struct, frozen=True):
    """A part of the report: a heading, sentences, and the tables and plots they describe."""

    title: str
    sentences: tuple[str, ...] = ()
    table: ReportTable | None = None
    days: Days | None = None
    heat: HeatMap | None = None
    line: LinePlot | None = None
    notes: tuple[str, ...] = ()
    new_page: bool = False


class Document(Struct, frozen=True):
    """The whole report."""

    language: str
    plant: str
    title: str
    month: str
    made: str
    page_of: str
    """`{page} of {pages}`, filled in by the template."""
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
