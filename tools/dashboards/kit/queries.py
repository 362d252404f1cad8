"""Queries to Prometheus for panels."""

from typing import Final

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATA_SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")

LINES: Final = 'line=~"$line",device_type=~"$device_type"'
"""Series with a line and a type, of all machines that are selected at the top of a dashboard."""
LINE: Final = 'line="$line"'
"""Series of the one line that a dashboard is about."""
MACHINE: Final = 'device_id="$device"'
"""Series of the one machine that a dashboard is about."""


def or_zero(expression: str, source: str) -> str:
    """The expression, or 0 if it has no series although the service that exports them answers Prometheus.

    If that service does not answer, nothing is known, so a panel must not show that nothing is wrong.
    """
    return f'({expression}) or on () (0 * max(up{{job="{source}"}} == 1))'


def or_zero_if_scored(expression: str, chosen: str = "") -> str:
    """The expression, or 0 if it has no series although some of the `chosen` machines are scored.

    Without a model, or while scoring stands still, it is not known how many machines are at risk.
    """
    return f"({expression}) or on () (0 * max(line_type:devices_scored:count{{{chosen}}}))"


AWAY: Final = {
    "control_api": "The control API does not answer",
    "exporters": "The exporters do not answer",
}
"""The text of an empty panel while the service that would know does not answer Prometheus."""
NONE_SCORED: Final = "No prediction is known."
"""The text of an empty list of machines by risk, in which each scored machine has its place; true whoever is away."""
NO_SUBJECT: Final = "(nothing)"
"""The value of a column of buttons in a row about nothing; the button is hidden then."""


def or_away(expression: str, source: str, *, said_as: str = "", acting: str = "") -> str:
    """The expression, or NaN if it has no series because the service that exports them does not answer Prometheus.

    An empty panel then reliably means that there is nothing. `said_as` is the label with the service that does not
    answer, `acting` the label of buttons.
    """
    away = f'(NaN * absent(up{{job="{source}"}} == 1))'
    if said_as:
        away = f'label_replace({away}, "{said_as}", "{AWAY[source]}", "", "")'
    if acting:
        away = f'label_replace({away}, "{acting}", "{NO_SUBJECT}", "", "")'
    return f"({expression}) or on () {away}"


UNKNOWN_NOW: Final = "(vector(NaN) and on () (vector(1000 * time()) > $__to - $__interval_ms))"


def or_unknown(expression: str) -> str:
    """The expression, which is one number, or NaN if it has none at the end: otherwise the last known one would show.

    `panels.with_curve` shows NaN in words. Only at the last step, so that the curve begins where the series does.
    """
    return f"sum({expression}) or on () {UNKNOWN_NOW}"


def over_time(expression: str, legend: str) -> prometheus.Dataquery:
    """A line of points over the panel's time range."""
    return prometheus.Dataquery().expr(expression).legend_format(legend).range().datasource(DATA_SOURCE)


def at_the_end(expression: str, legend: str) -> prometheus.Dataquery:
    """One value per series, at the end of the panel's time range."""
    return prometheus.Dataquery().expr(expression).legend_format(legend).instant().datasource(DATA_SOURCE)


def rows(expression: str, name: str) -> prometheus.Dataquery:
    """One row of a table per series; the value's column is called `Value #name`."""
    query = prometheus.Dataquery().expr(expression).instant().format(PromQueryFormat.TABLE)
    return query.ref_id(name).datasource(DATA_SOURCE)
