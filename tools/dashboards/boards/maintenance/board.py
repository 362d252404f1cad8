"""What is at risk of failing, what has failed, what to do, and whether the warnings were right."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tools.dashboards.boards.maintenance import outcomes, record, work
from tools.dashboards.kit import annotations, links, variables
from tools.dashboards.kit.frame import DashboardSite, PanelRow, framed, laid_out, panel_row
from tools.dashboards.kit.panels import number, with_curve
from tools.dashboards.kit.queries import LINES, or_unknown, or_zero, or_zero_if_scored, over_time
from tools.dashboards.kit.wording.colours import more_is_worse

OPERATORS: Final = (links.operators(),)


def build(site: DashboardSite) -> Dashboard:
    """The dashboard, general to specific."""
    return laid_out(
        framed(
            links.MAINTENANCE,
            "Maintenance",
            "What is at risk of failing, what has failed, and what should be done?",
            site=site,
            since="now-6h",
            refresh="30s",
            choices=(variables.line(), variables.device_type()),
            marks=(
                annotations.failures(LINES),
                annotations.alarms(LINES),
                annotations.models(),
                annotations.PostedAnnotations(),
            ),
        ),
        _at_a_glance(),
        work.ranking_of_risk(),
        work.newest_orders(),
        work.when_to_stop(site),
        work.new_alarms(),
        work.alarms_in_hand(),
        work.silent(),
        record.reliability(),
        outcomes.numbers(),
        outcomes.course_of_alarms(),
        record.courses(site),
        record.happenings(),
    )


def _at_a_glance() -> PanelRow:
    return panel_row(
        4,
        *(
            (
                with_curve(
                    number(
                        title,
                        description,
                        over_time(or_unknown(expression), title.lower()),
                        unit="short",
                        meaning=more_is_worse(notice, critical),
                        links=OPERATORS,
                    )
                ).decimals(0),
                4,
            )
            for title, description, expression, notice, critical in (
                (
                    "At risk",
                    "Machines at risk of failing within the model's horizon: at or above its threshold.",
                    or_zero_if_scored(f"sum(line_type:devices_at_risk:sum{{{LINES}}})", LINES),
                    1,
                    10,
                ),
                (
                    "Critical",
                    "Machines whose failure probability reached 90 % and has not fallen below 75 % since.",
                    or_zero_if_scored(f"sum(device:failure_risk_critical:active{{{LINES}}})", LINES),
                    1,
                    3,
                ),
                (
                    "Failed",
                    "Machines in state failed.",
                    or_zero(f'sum(energytrack_device_state{{{LINES},state="failed"}})', "exporters"),
                    1,
                    3,
                ),
                (
                    "Repair",
                    "Machines under repair or maintenance.",
                    or_zero(f'sum(energytrack_device_state{{{LINES},state="maintenance"}})', "exporters"),
                    20,
                    40,
                ),
                (
                    "Tasks",
                    "Recommendations that are open now.",
                    or_zero(f"sum(energytrack_device_recommendation_active{{{LINES}}})", "exporters"),
                    20,
                    100,
                ),
                (
                    "Alarms",
                    "Alarms that nobody has acknowledged yet.",
                    or_zero(f'sum(energytrack_device_alarm_state{{{LINES},state="active"}})', "control_api"),
                    1,
                    10,
                ),
            )
        ),
    )
