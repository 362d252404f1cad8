"""Tables of lines and machines, and the possible savings of open recommendations."""

from typing import Final

from tools.dashboards.kit import links
from tools.dashboards.kit.energy_terms import COST, COST_OF_IDLE, USED, USED_IDLE, added, added_by_machine
from tools.dashboards.kit.frame import DashboardSite, PanelRow, panel_row
from tools.dashboards.kit.panels import by_name, course, listing, number
from tools.dashboards.kit.queries import LINES, at_the_end, or_zero, over_time, rows
from tools.dashboards.kit.tables import KIND, PanelColumn, linked, measured, with_columns
from tools.dashboards.kit.wording.colours import NOTICE, more_is_worse, steps
from tools.dashboards.kit.wording.money import KILOWATT_HOURS

OF_ROW: Final = "${__data.fields.device_id}"
IDLE_SHARE: Final = more_is_worse(notice=0.15, critical=0.3)


def comparison(site: DashboardSite) -> PanelRow:
    """Use, cost and waste of each line and of the largest consumers."""
    lines = with_columns(
        listing(
            "Lines",
            "Energy, its cost and the share used while idle, by line.",
            rows(added(USED, by="line"), "kwh"),
            rows(added(COST, by="line"), "cost"),
            rows(f"{added(USED_IDLE, by='line')} / {added(USED, by='line')}", "share"),
            rows(added(COST_OF_IDLE, by="line"), "wasted"),
            unit="short",
            links=(),
        ),
        linked("line", "Line", links.to_line("${__data.fields.Line}"), shown="Line"),
        measured("kwh", "Energy", unit=KILOWATT_HOURS, decimals=1),
        measured("cost", "Cost", unit=site.money, decimals=0, width=88),
        measured("share", "Idle", unit="percentunit", decimals=1, meaning=IDLE_SHARE, width=64),
        measured("wasted", "Cost of idling", unit=site.money, decimals=0, width=128),
    )
    largest = f"topk(15, {added_by_machine(COST_OF_IDLE)})"
    machines = with_columns(
        listing(
            "Highest idle cost",
            "The 15 machines with the highest idle cost, and all the energy they used.",
            rows(largest, "wasted"),
            rows(f"{added_by_machine(USED_IDLE)} and on (device_id) {largest}", "idle"),
            rows(f"{added_by_machine(USED)} and on (device_id) {largest}", "kwh"),
            unit="short",
            links=(),
        ),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine"),
        PanelColumn("line", "Line"),
        KIND,
        measured("kwh", "Energy", unit=KILOWATT_HOURS, decimals=1, width=104),
        measured("idle", "While idle", unit=KILOWATT_HOURS, decimals=1, width=104),
        measured("wasted", "Cost of idling", unit=site.money, decimals=2, width=128),
    )
    return panel_row(9, (lines, 10), (machines, 14), heading="Consumption and waste")


def savings(site: DashboardSite) -> PanelRow:
    """The cost of idle machines until they are shut down as recommended."""
    advised = (
        f"device:power_watts:max{{{LINES}}} and on (device_id) "
        f'(energytrack_device_recommendation_active{{{LINES},recommendation="scheduled_shutdown"}} == 1)'
    )
    cost_per_hour = f"sum({advised}) / 1000 * on () group_left () max(plant:tariff_price_per_kwh:active)"
    return panel_row(
        6,
        (
            number(
                "Idle power",
                "Power of the idle machines that Energy Track recommends to shut down.",
                at_the_end(or_zero(f"sum({advised})", "exporters"), "power"),
                unit="watt",
                meaning=steps("semi-dark-green", (1, NOTICE)),
                links=(links.to_dashboard("Maintenance", links.MAINTENANCE),),
            ),
            6,
        ),
        (
            number(
                "Saving per hour",
                "Saving per hour if these machines are shut down, at the current price.",
                at_the_end(or_zero(cost_per_hour, "exporters"), "saved"),
                unit=site.money,
                meaning=steps("semi-dark-green", (0.01, NOTICE)),
                links=(links.to_dashboard("Maintenance", links.MAINTENANCE),),
            ).decimals(2),
            6,
        ),
        (
            by_name(
                course(
                    "Power of idle machines out of shift",
                    "Power of machines that idle outside the shifts of their line.",
                    over_time(
                        f"sum by (line) (device:power_watts:max{{{LINES}}} "
                        f"and on (device_id) (device:idle_out_of_shift:max{{{LINES}}} == 1))",
                        "{{line}}",
                    ),
                    unit="watt",
                    links=(links.to_dashboard("Maintenance", links.MAINTENANCE),),
                ),
                site.lines,
            )
            .min(0)
            .no_value("No machine idles out of shift."),
            12,
        ),
        heading="Savings potential",
    )
