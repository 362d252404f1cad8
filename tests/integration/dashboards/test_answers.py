"""Every question of every panel, mark and rule has an answer, at a plant at work."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from testkit.stack.servers import eventually
from tests.integration.dashboards.conftest import MACHINE, StackWithGateway
from tests.unit.grafana.dashboards import ROOT, DashboardFile, boards, plain

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NOTHING_SETTLED: Final = "no failure of a monitored machine has an outcome yet"
NEEDS_DAYS: Final = "the plant would have to be a day or a week old"
FROM_MIDNIGHT: Final = "a day's sample is found from the midnight before, not from when the plant began"
FILED_LATER: Final = "the ledger has a month as soon as the first quarter hour is filed"
NO_ALARM_IN_ITS_TEST: Final = "a model that raised no alarm on its small test block has no precision"
ALL_IS_WELL: Final = "no service waits at a plant that is well"
NOT_FILLING: Final = "a disk that does not fill up lasts"
A_FULL_QUARTER: Final = "the plant would have to be a full quarter hour old"
NO_ORDER: Final = "nobody has given an order"
RECORDED_BY_THE_MINUTE: Final = "a machine is counted before and after its failure, once a minute"
NO_MEASURE: Final = "a measure needs two weeks of energy before it"
NO_CENTRE: Final = "this plant is not one of several; prometheus/tests/alerts-model.yml has one that is"
EXPORTERS_ANSWER: Final = "the exporters have answered for two minutes"
QUARTERS_BEFORE: Final = "a forecast has an error and an interval once quarter hours have ended"
NO_FACTORS: Final = "the example plant has no emission factors"
NOT_IN_SHIFT: Final = "a line that is not in its shift has no planned time, so no stops and no OEE"
NO_COSTS: Final = "the example plant says what stops cost, not what a wrong alarm costs"
NO_BASELINE: Final = "nobody has made a baseline"
NOTHING_REFUSED: Final = "nothing was refused"
MAY_BE_EMPTY: Final = {
    ("savings.json", "CUSUM"): NO_BASELINE,
    ("energy.json", "Used and expected energy"): NO_BASELINE,
    ("energy.json", "Against the baseline"): NO_BASELINE,
    **{
        ("production.json", title): NOT_IN_SHIFT
        for title in (
            "Time stopped",
            "Unexplained",
            "Micro-stops",
            "Time known",
            "OEE by type and line",
            "OEE over the day",
            "Time lost by reason",
            "Time lost by line",
            "Stops without a reason",
            "Production by machine",
        )
    },
    ("production.json", "Energy per part"): FROM_MIDNIGHT,
    ("production.json", "Cost per part"): FROM_MIDNIGHT,
    ("energy.json", "Quarter hour: forecast"): QUARTERS_BEFORE,
    ("energy.json", "Adds to the bill"): QUARTERS_BEFORE,
    ("energy.json", "Forecast error"): QUARTERS_BEFORE,
    ("energy.json", "Emissions, location-based"): NO_FACTORS,
    ("energy.json", "Emissions, market-based"): NO_FACTORS,
    ("plant-overview.json", "Cost this month"): FILED_LATER,
    ("plant-overview.json", "Cost at month end"): NEEDS_DAYS,
    ("plant-overview.json", "Share of budget"): NEEDS_DAYS,
    ("plant-overview.json", "Cost by line"): NEEDS_DAYS,
    ("energy.json", "Peak"): A_FULL_QUARTER,
    ("model-health.json", "Cost of wrong alarms"): NO_COSTS,
    ("model-health.json", "Cost at the budget"): NO_COSTS,
    ("home.json", "Latest orders"): NO_ORDER,
    ("line.json", "Latest orders"): NO_ORDER,
    ("device.json", "Latest orders"): NO_ORDER,
    ("maintenance.json", "Latest orders"): NO_ORDER,
    ("production.json", "Refused reasons"): NOTHING_REFUSED,
    ("savings.json", "Refused measures"): NOTHING_REFUSED,
    ("maintenance.json", "Alarms in hand"): "nobody has acknowledged an alarm",
    ("maintenance.json", "MTTR"): RECORDED_BY_THE_MINUTE,
    ("maintenance.json", "MTBF"): RECORDED_BY_THE_MINUTE,
    ("maintenance.json", "Reliability by type"): RECORDED_BY_THE_MINUTE,
    ("maintenance.json", "Failures by line"): RECORDED_BY_THE_MINUTE,
    ("plant-overview.json", "Energy today"): NEEDS_DAYS,
    ("plant-overview.json", "Cost today"): NEEDS_DAYS,
    ("plant-overview.json", "Idle energy today"): NEEDS_DAYS,
    ("energy.json", "Energy by day"): FROM_MIDNIGHT,
    ("energy.json", "Cost by day"): FROM_MIDNIGHT,
    ("energy.json", "Energy by month"): FROM_MIDNIGHT,
    ("energy.json", "Cost by month"): FROM_MIDNIGHT,
    **{
        ("energy.json", title): FROM_MIDNIGHT
        for title in ("Main meters", "Unmetered rest", "Night base load", "Other media")
    },
    ("energy.json", "Suspect energy"): FILED_LATER,
    ("plant-overview.json", "Suspect energy"): FILED_LATER,
    **{
        ("savings.json", title): NO_MEASURE
        for title in ("Open measures", "Saved energy", "Last week against its baseline", "Above the baseline")
    },
    ("savings.json", "Recommended shutdowns"): "in its shift, no machine has idled long enough",
    ("model-health.json", "Drift"): NEEDS_DAYS,
    ("model-health.json", "Most changed features"): NEEDS_DAYS,
    ("model-health.json", "Precision"): NO_ALARM_IN_ITS_TEST,
    ("model-health.json", "Lead time"): NOTHING_SETTLED,
    ("pipeline-health.json", "Wait by service"): ALL_IS_WELL,
    ("pipeline-health.json", "Full in"): NOT_FILLING,
    ("maintenance.json", "Failures caught"): NOTHING_SETTLED,
    ("maintenance.json", "Lead time"): NOTHING_SETTLED,
    ("energy.json", "Power of idle machines out of shift"): "at most times of the day, no machine idles out of shift",
}
"""Panels of which some question may have no answer, and why; what people then see is the panel's own sentence."""
RECORDED_LATER: Final = {
    "plant:peak_demand:active": NEEDS_DAYS,
    "plant:peak_limit_watts:max": A_FULL_QUARTER,
    "plant:peak_ahead:active": A_FULL_QUARTER,
    "plant:peak_forecast_cost:max": A_FULL_QUARTER,
    "plant:peak_forecast_low_watts:max": QUARTERS_BEFORE,
    "plant:peak_forecast_high_watts:max": QUARTERS_BEFORE,
    "plant:peak_forecast_past_error_watts:max": QUARTERS_BEFORE,
    "line_type:emissions_kg:increase1m": NO_FACTORS,
    "baseline:rising:active": NO_MEASURE,
    "baseline:excess_ratio:max": NO_MEASURE,
    "measure:broken:active": NO_MEASURE,
    "plant:exporters_away:active": EXPORTERS_ANSWER,
    "plant:centre_away:active": NO_CENTRE,
    "plant:mirror_behind:active": NO_CENTRE,
    "plant:mirror_lag_seconds:max": NO_CENTRE,
    "disk:lasts_seconds:min": NOT_FILLING,
    "plant:alarms_right:ratio30d": NOTHING_SETTLED,
    "plant:failures_caught:ratio30d": NOTHING_SETTLED,
    "plant:false_alarms_per_machine_week:rate30d": NOTHING_SETTLED,
}
"""Recorded series that a young plant that is well does not have."""


def questions(board: DashboardFile) -> list[tuple[str, str, bool]]:
    """Where it stands, the expression, and whether it is about all of the time that is shown."""
    spans = {
        (panel["title"], target["expr"]): bool(target.get("range"))
        for panel in board.panels
        for target in panel.get("targets", ())
    }
    return [
        (place, expression, spans.get((place, expression), place.startswith("mark")))
        for place, expression in board.asked
    ]


def without_an_answer(plant: StackWithGateway, left: list[tuple[str, str, bool]]) -> list[tuple[str, str, bool]]:
    """Those of the questions that Prometheus has no series for, yet."""
    return [
        (place, expression, over_time)
        for place, expression, over_time in left
        if not (plant.ask_since_the_start if over_time else plant.ask)(expression)
    ]


@pytest.mark.parametrize("board", boards(), ids=lambda board: board.file)
def test_every_question_of_a_dashboard_has_an_answer(plant: StackWithGateway, board: DashboardFile) -> None:
    left = [
        (place, _asked(board, expression), over_time)
        for place, expression, over_time in questions(board)
        if (board.file, place) not in MAY_BE_EMPTY
    ]

    def all_answered() -> bool:
        plant.tell()
        left[:] = without_an_answer(plant, left)
        assert left == []
        return True

    eventually(all_answered, 240, pause=5)


@pytest.mark.parametrize("board", boards(), ids=lambda board: board.file)
def test_what_may_be_empty_is_asked_without_an_error(plant: StackWithGateway, board: DashboardFile) -> None:
    for place, expression, _ in questions(board):
        if (board.file, place) in MAY_BE_EMPTY:
            plant.ask(_asked(board, expression))


def _asked(board: DashboardFile, expression: str) -> str:
    """The expression about all machines, or about the one machine or line that the dashboard is about."""
    about = plain(expression, device=MACHINE if board.file == "device.json" else ".*")
    return about.replace('line=".*"', 'line="machining-a"')


def test_what_may_be_empty_is_there() -> None:
    assert MAY_BE_EMPTY.keys() <= {(board.file, place) for board in boards() for place, _ in board.asked}


def test_every_rule_of_prometheus_has_an_answer_or_says_that_all_is_well(plant: StackWithGateway) -> None:
    recorded = [rule for rule in _rules(ROOT / "prometheus" / "rules") if "record" in rule]
    left = {rule["record"] for rule in recorded} - RECORDED_LATER.keys()

    def all_recorded() -> bool:
        plant.tell()
        left.difference_update({name for name in left if plant.ask(name)})
        assert left == set()
        return True

    for rule in _rules(ROOT / "prometheus" / "rules"):
        plant.ask(rule["expr"])
    eventually(all_recorded, 240, pause=5)


def test_every_query_of_grafanas_rules_is_answered_without_an_error(plant: StackWithGateway) -> None:
    for rule in _rules(ROOT / "grafana" / "provisioning" / "alerting"):
        for query in rule["data"]:
            if "expr" in query["model"]:
                plant.ask(query["model"]["expr"])


def _rules(folder: Path) -> list[dict[str, Any]]:
    files = [yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader) for file in sorted(folder.glob("*.y*ml"))]
    return [rule for file in files for group in file.get("groups", ()) for rule in group["rules"]]
