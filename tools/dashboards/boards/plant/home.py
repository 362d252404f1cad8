"""The start page: the state of the plant in one row, and links for each role."""

from typing import Final

from grafana_foundation_sdk.builders import text
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models.text import TextMode

from tools.dashboards.kit import links
from tools.dashboards.kit.frame import DashboardSite, PanelRow, framed, laid_out, panel_row
from tools.dashboards.kit.orders import latest_orders
from tools.dashboards.kit.panels import Links, number, with_curve
from tools.dashboards.kit.queries import at_the_end, or_unknown, or_zero, or_zero_if_scored, over_time
from tools.dashboards.kit.states import machines_by_state
from tools.dashboards.kit.wording.colours import more_is_worse

EVERY: Final = 'device_id=~".*"'
MANAGERS: Final = f"""\
### Plant managers

- [**Plant overview**](/d/{links.PLANT}): what runs, what it costs, what the month will cost
- [**Energy**](/d/{links.ENERGY}): where energy goes, by line, hour, day and month; what idling costs
- [**Production**](/d/{links.PRODUCTION}): what is made, how well time is used, why machines stand
- [**Savings**](/d/{links.SAVINGS}): measures, and what they are proved to save
- [Bill and meters](/control/energy): the bill of a month, and meters to decide about
"""
MAINTENANCE: Final = f"""\
### Maintenance

- [**Maintenance**](/d/{links.MAINTENANCE}): what is at risk of failing, why, and what to do first
- [**A machine**](/d/{links.DEVICE}): its signals, its risk, its history
- [Alarms](/control/alarms): acknowledge, hand over, say what was found
- [Model health](/d/{links.MODEL}): how far to trust predictions
"""
OPERATORS: Final = f"""\
### Operators

- [**Operators' page**](/control/): restart, shut down, lock and schedule machines
- [**A line**](/d/{links.LINE}): its machines by state, its next risks, the newest orders
- [The same for a screen on the wall](/d/{links.LINE}?kiosk), without menus: Esc brings them back
"""
ENGINEERS: Final = f"""\
### Engineers

- [**Pipeline health**](/d/{links.PIPELINE}): messages, latency, disks, services
- [Prometheus](/prometheus/): write PromQL yourself
- [Control API](/control/openapi/): for scripts and gateways
- [Runbook](/control/runbook): what each alert means and what to do
"""
TO_PLANT: Final[Links] = (links.to_dashboard("Plant overview", links.PLANT, choices=False),)


def build(site: DashboardSite) -> Dashboard:
    return laid_out(
        framed(
            links.HOME,
            "Home",
            "How is the plant now, and where do I find what I need?",
            site=site,
            since="now-6h",
            refresh="30s",
        ),
        _now(site),
        panel_row(
            7,
            *(
                (_words(title, described), 6)
                for title, described in (
                    ("Cost and energy", MANAGERS),
                    ("Risk and repair", MAINTENANCE),
                    ("Orders and lines", OPERATORS),
                    ("Data pipeline", ENGINEERS),
                )
            ),
        ),
        panel_row(9, (latest_orders(EVERY, newest=10), 24)),
    )


def _words(title: str, described: str) -> text.Panel:
    return (
        text.Panel()
        .title(title)
        .description(f"Pages about {title.lower()}.")
        .mode(TextMode.MARKDOWN)
        .content(described)
    )


def _now(site: DashboardSite) -> PanelRow:
    by_state = machines_by_state(
        'sum(state:devices:sum{state="STATE"})', (links.to_dashboard("Plant overview", links.PLANT, choices=False),)
    )
    return panel_row(
        4,
        (by_state, 8),
        (
            with_curve(
                number(
                    "Power",
                    "Active power of all reporting machines.",
                    over_time(or_unknown("sum(plant:power_watts:sum)"), "power"),
                    unit="watt",
                    links=(links.to_dashboard("Energy", links.ENERGY, choices=False),),
                )
            ),
            4,
        ),
        (
            number(
                "Cost",
                "Cost of all energy since midnight: each minute at the price of its tariff band.",
                at_the_end("sum(sum_over_time(plant:energy_cost:increase1m[$__range]))", "cost"),
                unit=site.money,
                links=(links.to_dashboard("Energy", links.ENERGY, choices=False),),
            )
            .time_from("now/d")
            .hide_time_override(True)
            .decimals(0)
            .no_value("not yet"),
            4,
        ),
        (
            with_curve(
                number(
                    "At risk",
                    "Machines at risk of failing within the model's horizon: at or above its threshold.",
                    over_time(or_unknown(or_zero_if_scored("sum(plant:devices_at_risk:sum)")), "at risk"),
                    unit="short",
                    meaning=more_is_worse(notice=1, critical=10),
                    links=(links.to_dashboard("Maintenance", links.MAINTENANCE, choices=False),),
                )
            ).decimals(0),
            4,
        ),
        (
            with_curve(
                number(
                    "Alarms",
                    "Alarms that nobody has acknowledged yet.",
                    over_time(
                        or_unknown(or_zero('sum(energytrack_device_alarm_state{state="active"})', "control_api")), "new"
                    ),
                    unit="short",
                    meaning=more_is_worse(notice=1, critical=10),
                    links=(links.operators(),),
                )
            ).decimals(0),
            4,
        ),
    )
