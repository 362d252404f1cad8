"""The centre's first dashboard: all plants side by side, and the way into each."""

from typing import Final

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

from tools.dashboards.kit import links
from tools.dashboards.kit.frame import DashboardSite, framed, laid_out, panel_row
from tools.dashboards.kit.panels import course, listing, number, stacked
from tools.dashboards.kit.queries import at_the_end, over_time, rows
from tools.dashboards.kit.tables import PanelColumn, linked, measured, with_columns
from tools.dashboards.kit.wording.colours import CRITICAL, NOTICE, more_is_worse, steps
from tools.dashboards.kit.wording.money import KILOWATT_HOURS

UID: Final = "energytrack-plants"
EVERY: Final = 'plant!=""'
SILENT_SECONDS: Final = 600


def build(site: DashboardSite) -> Dashboard:
    board = framed(
        UID,
        "Plants",
        "How are our plants, which of them needs attention, and what does each use?",
        site=site,
        since="now/d",
        refresh="30s",
    )
    return laid_out(
        board,
        panel_row(
            4,
            (
                number(
                    "Plants",
                    "The number of plants that have sent something in the last ten minutes.",
                    at_the_end(f"count(plant:silence_seconds:max < {SILENT_SECONDS})", "sending"),
                    unit="short",
                    links=(),
                ).no_value("no plant sends"),
                5,
            ),
            (
                number(
                    "Silent",
                    "The number of plants from which nothing has come for ten minutes: their lines are cut, or nothing "
                    "runs there. They go on alone, and catch up.",
                    at_the_end(
                        f"count(plant:silence_seconds:max >= {SILENT_SECONDS}) or on () "
                        "(0 * count(plant:silence_seconds:max))",
                        "silent",
                    ),
                    unit="short",
                    meaning=more_is_worse(notice=1, critical=2),
                    links=(),
                ).no_value("not known"),
                5,
            ),
            (
                number(
                    "Power",
                    "Active power of all plants that send.",
                    at_the_end(f"sum(plant:power_watts:sum{{{EVERY}}})", "power"),
                    unit="watt",
                    links=(),
                ),
                7,
            ),
            (
                number(
                    "Alerts",
                    "Alerts that are raised at the plants now. Each plant notifies its own people.",
                    at_the_end(
                        f'count(ALERTS{{{EVERY},alertstate="firing"}}) or on () '
                        f"(0 * count(plant:power_watts:sum{{{EVERY}}}))",
                        "alerts",
                    ),
                    unit="short",
                    meaning=more_is_worse(notice=1, critical=10),
                    links=(),
                ).no_value("not known"),
                7,
            ),
        ),
        panel_row(9, (_table(), 24)),
        panel_row(
            9,
            (
                stacked(
                    course(
                        "Power by plant",
                        "Active power of each plant.",
                        over_time(f"sum by (plant) (plant:power_watts:sum{{{EVERY}}})", "{{plant}}"),
                        unit="watt",
                        links=(),
                    )
                ),
                12,
            ),
            (
                course(
                    "Silence by plant",
                    "How old the newest sample of each plant is.",
                    over_time("plant:silence_seconds:max", "{{plant}}"),
                    unit="s",
                    links=(),
                ),
                12,
            ),
        ),
        panel_row(9, (_alerts(), 24)),
    )


def _to(title: str, uid: str) -> DashboardLink:
    return (
        DashboardLink(title)
        .type(DashboardLinkType.LINK)
        .url(f"/d/{uid}?var-plant=${{__data.fields.plant}}&{links.TIME}")
    )


def _table() -> table.Panel:
    used = f"sum by (plant) (sum_over_time(plant:energy_kwh:increase1m{{{EVERY}}}[$__range]))"
    idle = f"sum by (plant) (sum_over_time(plant:idle_energy_kwh:increase1m{{{EVERY}}}[$__range]))"
    return with_columns(
        listing(
            "Every plant",
            "What each plant does now, and what it has used in the time range. Click a plant.",
            rows("plant:silence_seconds:max", "silence"),
            rows(f"sum by (plant) (state:devices:sum{{{EVERY}}})", "machines"),
            rows(f'sum by (plant) (state:devices:sum{{{EVERY},state="failed"}})', "failed"),
            rows(f"max by (plant) (plant:devices_at_risk:sum{{{EVERY}}})", "risk"),
            rows(f"sum by (plant) (plant:power_watts:sum{{{EVERY}}})", "power"),
            rows(used, "kwh"),
            rows(f"{idle} / {used}", "share"),
            rows(f"sum by (plant) (sum_over_time(plant:energy_cost:increase1m{{{EVERY}}}[$__range]))", "cost"),
            unit="short",
            links=(),
        ),
        linked(
            "plant", "plant", _to("Show this plant", links.PLANT), _to("Show its energy", links.ENERGY), shown="Plant"
        ),
        measured(
            "silence", "Data age", unit="s", decimals=0, meaning=steps("semi-dark-green", (SILENT_SECONDS, CRITICAL))
        ),
        measured("machines", "Machines", unit="short", decimals=0),
        measured("failed", "Failed", unit="short", decimals=0, meaning=more_is_worse(notice=1, critical=5)),
        measured("risk", "At risk", unit="short", decimals=0, meaning=more_is_worse(notice=1, critical=10)),
        measured("power", "Power", unit="watt"),
        measured("kwh", "Energy", unit=KILOWATT_HOURS, decimals=0),
        measured("share", "Idle", unit="percentunit", decimals=1, meaning=steps("semi-dark-green", (0.15, NOTICE))),
        measured("cost", "Cost, in its currency", unit="short", decimals=0),
    )


def _alerts() -> table.Panel:
    return with_columns(
        listing(
            "Alerts at the plants",
            "What is raised where, the most urgent first. People of the plant have been notified.",
            rows(
                f'count by (plant, severity, alertname, line, device_id) (ALERTS{{{EVERY},alertstate="firing"}})',
                "alerts",
            ),
            unit="short",
            links=(),
        ).no_value("No alert is raised."),
        linked("plant", "plant", _to("Show this plant", links.PLANT), shown="Plant"),
        PanelColumn("severity", "Severity"),
        PanelColumn("alertname", "Alert"),
        PanelColumn("line", "Line"),
        PanelColumn("device_id", "Machine"),
        measured("alerts", "Alerts", unit="short", decimals=0),
    )
