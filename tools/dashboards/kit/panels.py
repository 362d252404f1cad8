"""The kinds of panel that dashboards consist of, each with one style.

The arguments are what differs: title, description, queries, unit and the meaning of the values. The result is the
library's own builder, which a dashboard can customize further.
"""

from collections.abc import Iterable, Mapping
from string import ascii_uppercase
from typing import Final, Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import DashboardLink, FieldColor, ThresholdsConfig
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery as AnyQuery
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.dashboard import FieldColorModeId, MappingType, SpecialValueMap, SpecialValueMatch
from grafana_foundation_sdk.models.statetimeline import Options as TimelineOptions
from grafana_foundation_sdk.models.table import Options as TableOptions

from tools.dashboards.kit.queries import DATA_SOURCE
from tools.dashboards.kit.tables import NARROWEST
from tools.dashboards.kit.wording.codes import in_names, in_words
from tools.dashboards.kit.wording.colours import distinct, not_known, painted, plain


class _Panel(Protocol):
    """The methods that builders of all kinds of panel have in common."""

    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def datasource(self, datasource: dashboard.DataSourceRef) -> Self: ...
    def unit(self, unit: str) -> Self: ...
    def thresholds(self, thresholds: Builder[dashboard.ThresholdsConfig]) -> Self: ...
    def with_target(self, target: Builder[AnyQuery]) -> Self: ...
    def data_links(self, links: list[Builder[dashboard.DashboardLink]]) -> Self: ...


P = TypeVar("P", bound=_Panel)
Links = tuple[DashboardLink, ...]
UNKNOWN: Final = "not known"
NOTHING: Final = "No data for this time."
"""Instead of Grafana's "No data", which reads as an error."""
WORD_SIZE: Final = 17
"""In pixels: the longest state, "maintenance", fits on a tablet of 820."""


def number(
    title: str, description: str, *queries: Dataquery, unit: str, meaning: ThresholdsConfig | None = None, links: Links
) -> stat.Panel:
    """One big number (or one for each query), coloured by its meaning."""
    return (
        _framed(_Number(), queries, title=title, description=description, unit=unit, meaning=meaning, links=links)
        .no_value(UNKNOWN)
        .color_mode(looks.BigValueColorMode.VALUE)
        .graph_mode(looks.BigValueGraphMode.NONE)
        .justify_mode(looks.BigValueJustifyMode.AUTO)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
        .wide_layout(True)
        .text(common.VizTextDisplayOptions().value_size(34).title_size(13))
    )


class _Number(stat.Panel):
    """A number whose text for "no value" is grey: in the colour of the lowest step it would read as good or bad."""

    def build(self) -> dashboard.Panel:
        return _muted(super().build())


class _Ranking(bargauge.Panel):
    """A ranking with the same grey text without bars; a bar about a service that does not answer is not known."""

    def build(self) -> dashboard.Panel:
        return _muted(super().build(), not_known(UNKNOWN, SpecialValueMatch.NA_N), match=SpecialValueMatch.NULL)


def _muted(
    panel: dashboard.Panel, *more: SpecialValueMap, match: SpecialValueMatch = SpecialValueMatch.NULL_AND_NAN
) -> dashboard.Panel:
    """The sentence for no value as a mapping, which has a colour of its own."""
    if panel.field_config is not None and panel.field_config.defaults.no_value:
        fields = panel.field_config.defaults
        others = [each for each in fields.mappings or () if each.type_val != MappingType.SPECIAL_VALUE]
        fields.mappings = [*others, not_known(str(fields.no_value), match), *more]
    return panel


def with_curve(panel: stat.Panel) -> stat.Panel:
    """The same with its course behind it; its queries are over time, and NaN if nothing is known.

    The number is that of the last step, so steps are short, however narrow the panel: a minute of a day.
    """
    return panel.graph_mode(looks.BigValueGraphMode.AREA).max_data_points(1440)


def named(panel: stat.Panel) -> stat.Panel:
    """The same, with the word for its value on a coloured background."""
    return (
        panel.color_mode(looks.BigValueColorMode.BACKGROUND_SOLID)
        .text_mode(looks.BigValueTextMode.VALUE)
        .text(common.VizTextDisplayOptions().value_size(WORD_SIZE))
    )


def course(
    title: str, description: str, *queries: Dataquery, unit: str, meaning: ThresholdsConfig | None = None, links: Links
) -> timeseries.Panel:
    """Lines over time; if the values have a meaning, its thresholds are drawn as dashed lines."""
    panel = (
        _framed(
            timeseries.Panel(), queries, title=title, description=description, unit=unit, meaning=meaning, links=links
        )
        .no_value(NOTHING)
        .line_width(1)
        .fill_opacity(8)
        .show_points(looks.VisibilityMode.NEVER)
        .span_nulls(False)
        .axis_border_show(False)
        .legend(
            common.VizLegendOptions()
            .display_mode(looks.LegendDisplayMode.LIST)
            .placement(looks.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI).sort(looks.SortOrder.DESCENDING))
    )
    if meaning is None:
        return panel
    dashes = common.GraphThresholdsStyleConfig().mode(looks.GraphThresholdsStyleMode.DASHED)
    return panel.thresholds_style(dashes)


def by_name(panel: timeseries.Panel, names: Iterable[str]) -> timeseries.Panel:
    """The same with each line in its own colour, which is the same everywhere."""
    panel = panel.color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
    for override in distinct(names):
        panel = panel.with_override(*override)
    return panel


def coloured(panel: timeseries.Panel, colours: Mapping[str, str]) -> timeseries.Panel:
    """The same with a colour for each of these series, because their names have a meaning."""
    for name, colour in colours.items():
        panel = panel.with_override(*painted(name, colour))
    return panel


def by_type(panel: timeseries.Panel, types: Iterable[str]) -> timeseries.Panel:
    """The same with each type of machine in its own colour, and by its words."""
    return by_name(renamed(panel, in_names()), (in_words(name) for name in types))


def renamed(panel: timeseries.Panel, names: Iterable[dashboard.DataTransformerConfig]) -> timeseries.Panel:
    """The same with words in place of codes in its legend."""
    for renaming in names:
        panel = panel.with_transformation(renaming)
    return panel


def crowded(panel: timeseries.Panel) -> timeseries.Panel:
    """The same with thin lines and without a legend, for too many lines; the tooltip names them."""
    return panel.fill_opacity(0).legend(common.VizLegendOptions().show_legend(False).calcs([]))


def by_day(panel: timeseries.Panel) -> timeseries.Panel:
    """The same with a point for each day, from zero on: amounts of days that may not be added up, beside each other."""
    return panel.interval("1d").show_points(looks.VisibilityMode.ALWAYS).point_size(6).axis_soft_min(0)


def stacked(panel: timeseries.Panel) -> timeseries.Panel:
    """The same, stacked, to show their sum."""
    return panel.stacking(common.StackingConfig().mode(looks.StackingMode.NORMAL).group("A")).fill_opacity(35)


def bars(panel: timeseries.Panel) -> timeseries.Panel:
    """The same as bars from zero on, one on the other: amounts per interval that may be added up."""
    return (
        panel.draw_style(looks.GraphDrawStyle.BARS)
        .axis_soft_min(0)
        .line_width(0)
        .fill_opacity(70)
        .bar_width_factor(0.8)
        .stacking(common.StackingConfig().mode(looks.StackingMode.NORMAL).group("A"))
    )


def ranking(
    title: str, description: str, *queries: Dataquery, unit: str, meaning: ThresholdsConfig | None = None, links: Links
) -> bargauge.Panel:
    """Horizontal bars, one for each series."""
    return (
        _framed(_Ranking(), queries, title=title, description=description, unit=unit, meaning=meaning, links=links)
        .no_value(NOTHING)
        .orientation(looks.VizOrientation.HORIZONTAL)
        .display_mode(looks.BarGaugeDisplayMode.BASIC)
        .value_mode(looks.BarGaugeValueMode.TEXT)
        .show_unfilled(True)
        .min(0)
        .sizing(looks.BarGaugeSizing.MANUAL)
        .min_viz_height(16)
        .max_viz_height(26)
        .name_placement(looks.BarGaugeNamePlacement.LEFT)
        .display_name("${__series.name}")
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    )


class _FirstColumnStays(table.Panel):
    """The first column stays in view while people scroll to the others; the library does not have the option yet."""

    def build(self) -> dashboard.Panel:
        panel = super().build()
        if isinstance(panel.options, TableOptions):
            panel.options = _FrozenOptions(panel.options)
        return panel


class _FrozenOptions:
    def __init__(self, options: TableOptions) -> None:
        self._options = options

    def to_json(self) -> dict[str, object]:
        """The options in Grafana's format."""
        return self._options.to_json() | {"frozenColumns": {"left": 1}}


def listing(
    title: str, description: str, *queries: Dataquery, unit: str, meaning: ThresholdsConfig | None = None, links: Links
) -> table.Panel:
    """A table; its columns are given by `tools.dashboards.kit.tables`."""
    return (
        _framed(
            _FirstColumnStays(), queries, title=title, description=description, unit=unit, meaning=meaning, links=links
        )
        .no_value("Nothing to list.")
        .show_header(True)
        .cell_height(looks.TableCellHeight.SM)
        .filterable(False)
        .min_width(NARROWEST)
    )


def timeline(
    title: str, description: str, *queries: Dataquery, unit: str, meaning: ThresholdsConfig | None = None, links: Links
) -> statetimeline.Panel:
    """Coloured intervals, one row for each series."""
    return (
        _framed(
            _OnOnePage(),
            queries,
            title=title,
            description=description,
            unit=unit,
            meaning=meaning,
            links=links,
        )
        .no_value(NOTHING)
        .merge_values(True)
        .show_value(looks.VisibilityMode.NEVER)
        .row_height(0.85)
        .fill_opacity(80)
        .line_width(0)
    )


class _OnOnePage(statetimeline.Panel):
    """A timeline with all rows at once: the library requires pages, which Grafana leaves out for pages of 0 rows."""

    def build(self) -> dashboard.Panel:
        panel = super().build()
        if isinstance(panel.options, TimelineOptions):
            panel.options.per_page = 0
        return panel


def _framed(
    panel: P,
    queries: tuple[Dataquery, ...],
    *,
    title: str,
    description: str,
    unit: str,
    meaning: ThresholdsConfig | None,
    links: Links,
) -> P:
    panel = panel.title(title).description(description).datasource(DATA_SOURCE).unit(unit)
    panel = panel.thresholds(meaning or plain())
    for query, letter in zip(queries, ascii_uppercase, strict=False):
        panel = panel.with_target(query if query.build().ref_id else query.ref_id(letter))
    return panel.data_links(list(links)) if links else panel
