"""The variables at the top of a dashboard: data source, line, type of machine and machine."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableHide, VariableOption, VariableRefresh, VariableSort

from tools.dashboards.kit.queries import DATA_SOURCE, LINES

KNOWN: Final = "energytrack_device_info"
"""A series of every known machine."""


def data_source() -> DatasourceVariable:
    """The Prometheus data source; hidden while there is only the provisioned one."""
    return (
        DatasourceVariable("datasource")
        .label("Data source")
        .type("prometheus")
        .current(VariableOption(selected=True, text="Prometheus", value="energytrack-prometheus"))
        .hide(VariableHide.HIDE_VARIABLE)
    )


def line() -> QueryVariable:
    """Production lines, any number of them."""
    return _labels("line", "Line", f"label_values({KNOWN}, line)", "Production lines")


def device_type() -> QueryVariable:
    """Types of machine on the chosen lines."""
    return _labels(
        "device_type", "Type", f'label_values({KNOWN}{{line=~"$line"}}, device_type)', "Types of machine on these lines"
    )


def one_device() -> QueryVariable:
    """The one machine that a dashboard is about."""
    return _query("device", "Machine", f"label_values({KNOWN}{{{LINES}}}, device_id)", "The machine to look at")


def one_line() -> QueryVariable:
    """The one line that a dashboard is about."""
    return _query("line", "Line", f"label_values({KNOWN}, line)", "The line to look at")


def _labels(name: str, label: str, query: str, description: str) -> QueryVariable:
    everything = VariableOption(selected=True, text=["All"], value=["$__all"])
    return _query(name, label, query, description).multi(True).include_all(True).all_value(".*").current(everything)


def _query(name: str, label: str, query: str, description: str) -> QueryVariable:
    return (
        QueryVariable(name)
        .label(label)
        .description(description)
        .query({"query": query, "refId": f"variable-{name}", "qryType": 1})
        .datasource(DATA_SOURCE)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )
