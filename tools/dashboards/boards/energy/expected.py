"""Actual energy and what approved baselines expect, day by day, with a verdict on the difference."""

from typing import Final

from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, MatcherConfig

from tools.dashboards.kit import links
from tools.dashboards.kit.frame import PanelRow, panel_row
from tools.dashboards.kit.panels import Links, course, listing
from tools.dashboards.kit.queries import LINES, or_away, over_time, rows
from tools.dashboards.kit.tables import PanelColumn, linked, look, measured, with_columns, worded
from tools.dashboards.kit.wording.colours import CRITICAL, GOOD, MUTED, WARNING, more_is_worse, words
from tools.dashboards.kit.wording.money import KILOWATT_HOURS

TO_PAGE: Final[Links] = (links.savings(),)
NONE_APPROVED: Final = "No baseline is approved, or none of these days is known."
CHOSEN: Final = f'source="ledger",{LINES}'
"""While a line or a type is chosen, those of the whole plant are left out: they are not about it."""
DAYS: Final = 30


def against_baselines() -> tuple[PanelRow, ...]:
    """The series and the verdict; absent if no baseline is approved."""
    expected = course(
        "Used and expected energy",
        "What was used on each of the last 30 days within the boundary and hours of each approved baseline, and what "
        "the baseline expects of that day (dashed), with how good the baseline is. A day whose energy or variables are "
        "not known has neither.",
        over_time(_of_day("actual_kwh"), "{{baseline}}"),
        over_time(_of_day("expected_kwh"), "{{baseline}}, expected ({{grade}})"),
        unit="kwatth",
        links=TO_PAGE,
    )
    dashes = [DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [6, 4]}),
              DynamicConfigValue(id_val="custom.fillOpacity", value=0)]  # fmt: skip
    expected = expected.with_override(MatcherConfig(id_val="byRegexp", options="/, expected/"), dashes)
    table = with_columns(
        listing(
            "Against the baseline",
            "The same days added up, and whether to believe it: the baseline's validity, the days whose variables lie "
            "outside the range of its period, and whether the last week is above it by more than chance.",
            rows(or_away(USED, "exporters", said_as="baseline"), "actual"),
            rows(EXPECTED, "expected"),
            rows(f"{USED} / {EXPECTED} - 1", "ratio"),
            rows(f"{_over_all_days('count', 'in_range')} - {_over_all_days('sum', 'in_range')}", "outside"),
            rows(f"0 * {USED} + on (baseline_id) group_left () {RISING}", "rising"),
            unit="short",
            links=(),
        ).no_value(NONE_APPROVED),
        linked("baseline", "Baseline", links.savings(), width=190),
        PanelColumn("grade", "Validity", COLOURED),
        measured("actual", "Used", unit=KILOWATT_HOURS, decimals=0),
        measured("expected", "Expected", unit=KILOWATT_HOURS, decimals=0),
        measured("ratio", "Difference", unit="percentunit", decimals=1),
        measured("outside", "Days out of range", unit="short", decimals=0, meaning=more_is_worse(1, 8)),
        worded("rising", "Last week", words(("1", "rising", CRITICAL), ("0", "in order", GOOD))),
    )
    expected = expected.interval("1d").time_from(f"{DAYS}d").no_value(NONE_APPROVED)
    return panel_row(8, (expected, 24), heading="Expected energy"), panel_row(6, (table, 24))


def _of_day(what: str) -> str:
    series = f"energytrack_ledger_day_baseline_{what}{{{CHOSEN}}}"
    return f"max by (baseline_id, baseline, grade) (last_over_time({series}[1d] offset -1d))"


def _over_all_days(how: str, what: str) -> str:
    """An expression over the last days, which end with yesterday."""
    series = f"energytrack_ledger_day_baseline_{what}{{{CHOSEN}}}"
    return f"max by (baseline_id, baseline, grade) ({how}_over_time({series}[{DAYS}d]))"


USED: Final = _over_all_days("sum", "actual_kwh")
EXPECTED: Final = _over_all_days("sum", "expected_kwh")
RISING: Final = "max by (baseline_id) (baseline:rising:active)"
GRADES: Final = words(("good", "good", GOOD), ("weak", "weak", WARNING), ("not valid", "not valid", MUTED))
COLOURED: Final = (look("mappings", GRADES), look("custom.cellOptions", {"type": "color-text"}))
