"""Measures to save energy, their proved savings, and energy that rises above its baseline."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tools.dashboards.kit import annotations, buttons, links
from tools.dashboards.kit.frame import DashboardSite, PanelRow, framed, laid_out, panel_row, tiles
from tools.dashboards.kit.orders import refused_requests
from tools.dashboards.kit.panels import Links, course, listing, number
from tools.dashboards.kit.queries import at_the_end, or_away, or_zero, over_time, rows
from tools.dashboards.kit.tables import KIND, PanelColumn, linked, measured, with_columns, worded
from tools.dashboards.kit.wording.colours import CRITICAL, GOOD, MUTED, PLAIN, WARNING, more_is_worse, steps, words
from tools.dashboards.kit.wording.money import KILOWATT_HOURS, KILOWATTS

KWH: Final = 3_600_000
OF_ROW: Final = "${__data.fields.device_id}"
TO_PAGE: Final[Links] = (links.savings(),)


def build(site: DashboardSite) -> Dashboard:
    """The dashboard, general to specific."""
    return laid_out(
        framed(
            links.SAVINGS,
            "Savings and measures",
            "What was done to save energy, what is proved, and where does energy rise?",
            site=site,
            since="now-30d",
            refresh="5m",
            marks=(annotations.orders('action="shutdown"'),),
        ),
        *_at_a_glance(site),
        _measures(site),
        _recommended(),
        _refused(),
        _baselines(),
        _courses(),
        _cusum(),
    )


def _of_measures(what: str, *, only: str = "") -> str:
    """A series of each open measure, whichever replica exports it."""
    return f"max by (measure_id, measure, device_id, line) (energytrack_measure_{what}){only}"


PROVED: Final = " and on (measure_id) (energytrack_measure_proved == 1)"


def _at_a_glance(site: DashboardSite) -> tuple[PanelRow, ...]:
    saved, cost = _of_measures("saved_joules", only=PROVED), _of_measures("saved_cost", only=PROVED)
    measures = _of_measures("kept")
    return tiles(
        number(
            "Proved savings",
            "Energy that all open measures have saved, as far as it is proved.",
            at_the_end(or_zero(f"sum({saved}) / {KWH}", "control_api"), "saved"),
            unit="kwatth",
            links=TO_PAGE,
        ),
        number(
            "Money saved",
            "What this energy would have cost.",
            at_the_end(or_zero(f"sum({cost})", "control_api"), "saved"),
            unit=site.money,
            links=TO_PAGE,
        ).decimals(0),
        number(
            "Measures open",
            "Measures that are open.",
            at_the_end(or_zero(f"count({measures})", "control_api"), "open"),
            unit="short",
            links=TO_PAGE,
        ),
        number(
            "Measures not kept",
            "Measures that were undone, or whose machine is left on.",
            at_the_end(or_zero(f"count({measures} == 0)", "control_api"), "not kept"),
            unit="short",
            meaning=steps(GOOD, (1, WARNING)),
            links=TO_PAGE,
        ),
        number(
            "Energy rising",
            "Baselines that the last week exceeds by more than chance.",
            at_the_end(or_zero("count(baseline:rising:active == 1)", "control_api"), "rising"),
            unit="short",
            meaning=steps(GOOD, (1, WARNING)),
            links=TO_PAGE,
        ),
    )


def _measures(site: DashboardSite) -> PanelRow:
    table = with_columns(
        listing(
            "Open measures",
            "What each measure was expected to save, what it has saved, plus or minus how much at 90 % confidence, and "
            "whether it is kept. What is not proved may be chance; the page says why. Method: avoided energy by IPMVP, "
            "option B (metered) or A (computed from ratings). *Adjusted* is the part from adjustments of its "
            "baseline; each has its note on the page.",
            rows(or_away(_of_measures("kept"), "control_api", said_as="measure"), "kept"),
            rows(_of_measures("proved"), "proved"),
            rows(f"1000 * {_of_measures('start_timestamp_seconds')}", "since"),
            rows(_of_measures("metered"), "metered"),
            rows(f"{_of_measures('adjusted_joules')} / {KWH}", "adjusted"),
            rows(f"{_of_measures('expected_joules')} / {KWH}", "expected"),
            rows(f"{_of_measures('saved_joules')} / {KWH}", "saved"),
            rows(f"{_of_measures('saved_uncertainty_joules')} / {KWH}", "uncertainty"),
            rows(_of_measures("saved_cost"), "cost"),
            rows(_of_measures("cost_of_doing"), "doing"),
            rows(_of_measures("broken_days"), "broken"),
            unit="short",
            links=(),
        ).no_value("No measure is open."),
        linked("measure", "Measure", links.savings(), width=240),
        PanelColumn("line", "Line"),
        measured("since", "Since", unit="time:D MMM YYYY"),
        worded("proved", "Saving", words(("1", "proved", GOOD), ("0", "not proved", MUTED))),
        measured("expected", "Expected", unit=KILOWATT_HOURS, decimals=0),
        measured("saved", "Saved", unit=KILOWATT_HOURS, decimals=0),
        measured("uncertainty", "Plus or minus", unit=KILOWATT_HOURS, decimals=0),
        measured("cost", "Cost saved", unit=site.money, decimals=0),
        worded("metered", "Method", words(("1", "option B", PLAIN), ("0", "option A", PLAIN))),
        measured("adjusted", "Adjusted", unit=KILOWATT_HOURS, decimals=0),
        measured("doing", "Cost of doing", unit=site.money, decimals=0),
        worded("kept", "Kept", words(("1", "kept", GOOD), ("0", "not kept", CRITICAL))),
        measured("broken", "Days not kept", unit="short", decimals=0, meaning=more_is_worse(1, 2)),
    )
    return panel_row(9, (table, 24), heading="Measures")


def _recommended() -> PanelRow:
    advised = 'energytrack_device_recommendation_active{recommendation="scheduled_shutdown"} == 1'
    power = f"device:power_watts:max / 1000 and on (device_id) ({advised})"
    advised_with_place = f'label_replace(max by (device_id, device_type, line) ({power}), "act", "$1", "line", "(.*)")'
    table = with_columns(
        listing(
            "Recommended shutdowns",
            "Machines that idle so long that a scheduled shutdown pays. The button makes the schedule and opens the "
            "measure. Leave the time empty for a quarter of an hour after the last shift, and *Until* empty if the "
            "machine is to stay off until somebody starts it. If it is refused, the next table says why. Viewers see "
            "no button.",
            rows(or_away(advised_with_place, "exporters", said_as="device_id", acting="act"), "power"),
            unit="short",
            links=(),
        ).no_value("No shutdown is recommended."),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine", width=140),
        PanelColumn("line", "Line"),
        KIND,
        measured("power", "Power now", unit=KILOWATTS, decimals=1),
        buttons.acting_on("act", "Order", buttons.SCHEDULE_SHUTDOWN, width=190),
    )
    return panel_row(7, (table, 24))


def _refused() -> PanelRow:
    table = refused_requests(
        "Refused measures",
        "Measures and shutdowns of the last week that the control API refused, and why.",
        "measures.accept",
        "measures.open_measure",
        "measures.change",
        "measures.end",
    )
    return panel_row(5, (table, 24))


def _baselines() -> PanelRow:
    def of_baselines(what: str) -> str:
        return f"max by (baseline_id, baseline) (energytrack_baseline_{what})"

    table = with_columns(
        listing(
            "Last week against its baseline",
            "What was used in the last week, what the baseline expects, and whether it is more than chance.",
            rows(or_away(f"{of_baselines('actual_joules')} / {KWH}", "control_api", said_as="baseline"), "actual"),
            rows(f"{of_baselines('expected_joules')} / {KWH}", "expected"),
            rows("baseline:excess_ratio:max", "ratio"),
            rows("baseline:rising:active", "rising"),
            unit="short",
            links=(),
        ).no_value("No baseline is watched."),
        linked("baseline", "Baseline", links.savings(), width=260),
        measured("actual", "Used", unit=KILOWATT_HOURS, decimals=0),
        measured("expected", "Expected", unit=KILOWATT_HOURS, decimals=0),
        measured("ratio", "Difference", unit="percentunit", decimals=1),
        worded("rising", "Judged", words(("1", "rising", CRITICAL), ("0", "in order", GOOD))),
    )
    return panel_row(8, (table, 24), heading="Baselines")


def _courses() -> PanelRow:
    return panel_row(
        8,
        (
            course(
                "Saved energy",
                "What each open measure has saved up to each moment, proved or not.",
                over_time(f"{_of_measures('saved_joules')} / {KWH}", "{{measure}}"),
                unit="kwatth",
                links=TO_PAGE,
            ).no_value("No measure is open."),
            12,
        ),
        (
            course(
                "Above the baseline",
                "How far the week before each moment lies above its baseline; below zero, energy is saved.",
                over_time("baseline:excess_ratio:max", "{{baseline}}"),
                unit="percentunit",
                meaning=steps(PLAIN, (0.05, WARNING)),
                links=TO_PAGE,
            ).no_value("No baseline is watched."),
            12,
        ),
        heading="Over time",
    )


def _cusum() -> PanelRow:
    expression = f"max by (baseline_id, baseline) (energytrack_baseline_cusum_joules) / {KWH}"
    return panel_row(
        8,
        (
            course(
                "CUSUM",
                "Used minus expected energy, summed up since each baseline's period, by day. It falls while energy is "
                "saved, and bends on the day on which something changed.",
                over_time(expression, "{{baseline}}"),
                unit="kwatth",
                links=TO_PAGE,
            ).no_value("No baseline is watched."),
            24,
        ),
    )
