"""What a query may cost is the same wherever Prometheus runs, and leaves places to the rules."""

import re
from typing import Any, Final

import pytest
import yaml

from local.services.observability import QUERIES, QUERY_SAMPLES, QUERY_SECONDS, query_limits
from tests.unit.deploy.compose_file import ROOT
from tests.unit.grafana.dashboards import DashboardFile, boards

COMPOSED: Final = ("compose.yaml", "compose.centre.yaml", "deploy/compose/several-plants.yaml")
DOORS: Final = ("proxy/Caddyfile", "proxy/centre/Caddyfile")
BYTES_PER_SAMPLE: Final = 16
OF_MACHINES: Final = re.compile(r"\bdevice(?:_\w+)?(?::\w+)*[{\[]")
"""A selector of all machines; recorded series have one for each."""
STEPS: Final = re.compile(r"[<>]=?|\band on \(device_id\)")
"""What makes another matrix of all machines of it."""
MACHINES: Final = 1000
POINTS: Final = 1500
"""Of a curve: Grafana asks for one for each pixel."""


@pytest.mark.parametrize("file", COMPOSED)
def test_containers_have_the_same_limits(file: str) -> None:
    described: dict[str, Any] = yaml.load((ROOT / file).read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert set(query_limits()) <= set(described["services"]["prometheus"]["command"])


def test_kubernetes_has_the_same_limits() -> None:
    base = (ROOT / "deploy" / "kubernetes" / "base" / "prometheus.yaml").read_text(encoding="utf-8")
    (spec,) = (each["spec"] for each in yaml.safe_load_all(base) if each["kind"] == "Prometheus")
    assert spec["query"] == {
        "timeout": f"{QUERY_SECONDS}s", "maxSamples": QUERY_SAMPLES, "maxConcurrency": QUERIES
    }  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_those_at_the_door_leave_most_places_to_the_rules_and_fit_into_memory(door: str) -> None:
    lets_through = sum(
        int(each) for each in re.findall(r"max_conns_per_host (\d+)", (ROOT / door).read_text(encoding="utf-8"))
    )
    assert 0 < lets_through <= QUERIES // 2
    assert lets_through * QUERY_SAMPLES * BYTES_PER_SAMPLE <= 2**30  # half of the container's


@pytest.mark.parametrize("board", boards(), ids=lambda board: board.file)
def test_every_panel_fits_in_a_plant_of_a_thousand_machines(board: DashboardFile) -> None:
    """Most curves are of lines, or of one machine; those of all machines are held once for each step of the query."""
    held = {
        panel["title"]: MACHINES * POINTS * (len(OF_MACHINES.findall(expr)) + len(STEPS.findall(expr)))
        for panel in board.panels
        for target in panel.get("targets", ())
        if not target.get("instant") and "device_id=" not in (expr := target["expr"]) and OF_MACHINES.search(expr)
    }
    assert {title: samples for title, samples in held.items() if samples > QUERY_SAMPLES / 2} == {}


def test_grafana_asks_one_question_of_a_request_after_the_other() -> None:
    """Or one request, which the front door counts, would be ten queries at once."""
    settings = (ROOT / "grafana" / "grafana.ini").read_text(encoding="utf-8")
    assert "\n[datasources]\nconcurrent_query_count = 1\n" in settings
