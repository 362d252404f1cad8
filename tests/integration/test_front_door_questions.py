"""Expensive questions to a real Prometheus: each ends, and many at once leave places to the rules."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from local.services.front_door import caddy_service
from local.services.observability import QUERIES, prepare_prometheus, prometheus_service
from local.site import HOST, Site
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, prometheus_running, site_in, started
from tests.integration.test_front_door_links import saying_yes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

TOO_LARGE: Final = "sum_over_time(vector(1)[365d:1s])"
"""31 million samples."""
TOO_LONG: Final = "sum_over_time(quantile_over_time(0.5, vector(time())[6h:1s])[6h:1s])"
"""It holds few samples at once, and sorts 21,600 of them 21,600 times: half a minute of a processor. Prometheus
does not interrupt it, because it is one series."""
MANY_STEPS: Final = " + ".join(["vector(time())"] * 2000)
"""What it does interrupt, between two of its eleven thousand points."""


def test_a_question_that_holds_too_much_is_ended(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    with prometheus_running(site, []):
        refused = httpx.get(
            site.url(site.ports.prometheus, "/api/v1/query"), params={"query": TOO_LARGE}, timeout=seconds_here(60)
        )
    assert refused.status_code == 422
    assert "too many samples" in refused.json()["error"]


def test_a_question_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """After a second, here."""
    site = site_in(tmp_path)
    prepare_prometheus(site, [])
    service = prometheus_service(site)
    shorter = tuple("--query.timeout=1s" if "query.timeout" in each else each for each in service.command)
    assert shorter != service.command
    with started(replace(service, command=shorter), site):
        refused = httpx.post(
            site.url(site.ports.prometheus, "/api/v1/query_range"),
            data={"query": MANY_STEPS, "start": "0", "end": "10999", "step": "1"},
            timeout=seconds_here(60),
        )
    assert refused.status_code == 503
    assert "timed out" in refused.json()["error"]


def test_many_questions_at_once_leave_places_to_the_rules(tmp_path: Path) -> None:
    """Twice as many as Prometheus has places for: without the front door's limit, rules would wait behind them."""
    site = site_in(tmp_path)
    with (
        asking(2 * QUERIES, site.url(site.ports.caddy, "/prometheus/api/v1/query")) as asked,
        saying_yes(site.ports.control_api),
        prometheus_running(site, []),
        started(caddy_service(site), site),
    ):
        asked.wait(seconds_here(30))
        before = evaluated(site)
        eventually(lambda: all(evaluated(site)[name] > at for name, at in before.items()), 60, pause=0.5)
        assert failed(site) == []


@contextmanager
def asking(number: int, url: str) -> Iterator[threading.Event]:
    """That many clients, from the time when there is a front door until it has gone; tells when they ask."""
    ended, asked = threading.Event(), threading.Event()

    def ask() -> None:
        while not ended.wait(0.2):
            try:
                with httpx.Client(timeout=seconds_here(120)) as client:
                    client.head(url.replace("/prometheus/api/v1/query", "/healthz")).raise_for_status()
                    asked.set()
                    client.get(url, params={"query": TOO_LONG})
            except httpx.HTTPError:
                continue

    threads = [threading.Thread(target=ask) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield asked
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def groups(site: Site) -> list[dict[str, Any]]:
    answer = httpx.get(site.url(site.ports.prometheus, "/api/v1/rules"), timeout=seconds_here(10)).json()
    found: list[dict[str, Any]] = answer["data"]["groups"]
    return found


def evaluated(site: Site) -> dict[str, str]:
    """When each group of rules was evaluated last."""
    return {group["name"]: group["lastEvaluation"] for group in groups(site)}


def failed(site: Site) -> list[str]:
    return [rule["lastError"] for group in groups(site) for rule in group["rules"] if rule.get("lastError")]


# --- Questions by way of Grafana -------------------------------------------------------------------------------------

GRAFANAS: Final = 4
"""Questions to its data sources that the front door lets through at once (proxy/Caddyfile)."""


class SlowGrafana(ThreadingHTTPServer):
    """Holds every question until it may answer."""

    def __init__(self, port: int) -> None:
        super().__init__((HOST, port), HoldsQuestions)
        self.held: list[str] = []
        self.may_answer = threading.Event()


class HoldsQuestions(BaseHTTPRequestHandler):
    """Answers a POST when it may, and a GET at once."""

    server: SlowGrafana

    def do_POST(self) -> None:
        """A question."""
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.held.append(self.path)
        self.server.may_answer.wait()
        self.do_GET()

    def do_GET(self) -> None:
        """A page."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    "path",
    [
        "/api/ds/query",
        "//api/ds/query",
        "/API/ds/query",
        "/api/datasources/proxy/uid/x/api/v1/query",
        "/api/v1/rule/test/grafana",
        "/apis/query.grafana.app/v0alpha1/namespaces/default/query",
        "/apis/prometheus.datasource.grafana.app/v0alpha1/namespaces/default/datasources/x/query",
        "/api/public/dashboards/x/panels/1/query",
    ],
)
def test_questions_by_way_of_grafana_are_few_at_once_and_its_pages_come(path: str, tmp_path: Path) -> None:
    site = replace(site_in(tmp_path), grafana_home=tmp_path)
    url = site.url(site.ports.caddy, "")
    with SlowGrafana(site.ports.grafana) as grafana, ThreadPoolExecutor(3 * GRAFANAS + 1) as pool:
        pool.submit(grafana.serve_forever)
        try:
            with started(caddy_service(site), site):
                asked = [
                    pool.submit(httpx.post, url + path, content=b"", timeout=seconds_here(60))
                    for _ in range(3 * GRAFANAS)
                ]
                eventually(lambda: len(grafana.held) >= GRAFANAS, 20)
                assert httpx.get(f"{url}/login", timeout=seconds_here(10)).status_code == 200
                assert len(grafana.held) == GRAFANAS
                grafana.may_answer.set()
                assert {each.result().status_code for each in asked} == {200}
        finally:
            grafana.may_answer.set()
            grafana.shutdown()
