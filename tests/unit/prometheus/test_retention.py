"""No rule and no panel asks for more than what is kept; what is older is the ledger's."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
import yaml

from local.services.observability import MOST_DAYS
from tests.unit.deploy.compose_file import ROOT, containers
from tests.unit.grafana.dashboards import DashboardFile, boards

KEPT: Final = timedelta(days=MOST_DAYS)
SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000, "M": 2_678_400}
OF_THE_LEDGER: Final = 'source="ledger"'
WINDOW: Final = re.compile(r"\[(\d\w*)(?::\w*)?\]")
OFFSET: Final = re.compile(r"\boffset\s+(\d\w*)")


def length(text: str) -> timedelta:
    """A duration as Prometheus and Grafana write it: 90s, 1h30m, 30d."""
    return timedelta(seconds=sum(int(n) * SECONDS[unit] for n, unit in re.findall(r"(\d+)(ms|[smhdwyM])", text)))


def reach(expression: str) -> timedelta:
    """How far back an expression looks at most, whatever time range it is shown for."""
    return sum(
        (max(map(length, found.findall(expression)), default=timedelta()) for found in (WINDOW, OFFSET)), timedelta()
    )


def rules() -> Iterator[tuple[str, str]]:
    for file in (ROOT / "prometheus" / "rules").glob("*.yml"):
        for group in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["groups"]:
            yield from ((rule.get("record") or rule["alert"], rule["expr"]) for rule in group["rules"])
    for file in (ROOT / "grafana" / "provisioning" / "alerting").glob("*.yaml"):
        for group in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader).get("groups", ()):
            for rule in group["rules"]:
                yield from ((rule["title"], each["model"]["expr"]) for each in rule["data"] if "expr" in each["model"])


def shown(panel: dict[str, Any], board: DashboardFile) -> timedelta:
    """The time range of a panel: its own, or the one that the dashboard opens with."""
    since = panel.get("timeFrom") or board.json["time"]["from"].removeprefix("now-")
    return timedelta(days=1) if since == "now/d" else length(since)


def asked(board: DashboardFile) -> Iterator[tuple[str, str, timedelta]]:
    for panel in board.panels:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"], shown(panel, board)


def test_no_rule_looks_further_back_than_prometheus_keeps() -> None:
    assert {name: str(reach(expr)) for name, expr in rules() if OF_THE_LEDGER not in expr and reach(expr) > KEPT} == {}


@pytest.mark.parametrize("board", boards(), ids=lambda board: board.file)
def test_no_panel_looks_further_back_than_prometheus_keeps(board: DashboardFile) -> None:
    """Its time range, and what its expression looks back on from the first moment of it."""
    far = {
        title: str(span + reach(expr))
        for title, expr, span in asked(board)
        if OF_THE_LEDGER not in expr and span + reach(expr) > KEPT
    }
    assert far == {}


def test_what_looks_further_back_is_there_and_asks_the_ledger() -> None:
    """This test would notice if the others looked at nothing."""
    spans = {expr: span for board in boards() for _, expr, span in asked(board)}
    assert any(span > timedelta(days=365) and OF_THE_LEDGER in expr for expr, span in spans.items())
    assert any(reach(expr) == timedelta(days=30) for _, expr in rules())


def test_it_is_kept_as_long_wherever_prometheus_runs() -> None:
    """And no longer than the bytes allow, so that no disk fills."""
    command = containers()["prometheus"].described["command"]
    assert f"--storage.tsdb.retention.time={MOST_DAYS}d" in command
    assert any(each.startswith("--storage.tsdb.retention.size=") for each in command)
    base = (ROOT / "deploy" / "kubernetes" / "base" / "prometheus.yaml").read_text(encoding="utf-8")
    (here,) = (each["spec"] for each in yaml.load_all(base, yaml.CSafeLoader) if each["kind"] == "Prometheus")
    assert (here["retention"], here["retentionSize"]) == (f"{MOST_DAYS}d", "10GB")


def test_the_ledger_is_read_in_the_same_way_wherever_prometheus_runs() -> None:
    local, compose = (
        yaml.load((ROOT / file).read_text(encoding="utf-8"), yaml.CSafeLoader)["remote_read"][0]
        for file in ("prometheus/prometheus.yml", "deploy/compose/prometheus.yml")
    )
    base = (ROOT / "deploy" / "kubernetes" / "base" / "prometheus.yaml").read_text(encoding="utf-8")
    (operator,) = (
        each["spec"]["remoteRead"][0] for each in yaml.load_all(base, yaml.CSafeLoader) if each["kind"] == "Prometheus"
    )
    in_snake_case = {re.sub("([A-Z])", lambda m: f"_{m[1].lower()}", name): value for name, value in operator.items()}
    remote_reads = [
        {**each, "url": each["url"].split("//")[1].split(":")[1]} for each in (local, compose, in_snake_case)
    ]
    assert remote_reads[0] == remote_reads[1] == remote_reads[2]
    assert local["filter_external_labels"] is False  # a cluster's own labels are none of the ledger's
