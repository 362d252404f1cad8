"""A service behind a real front door is starting or unavailable: people and programs are told which one."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from local.services.front_door import caddy_service
from testkit.stack.servers import site_in, started
from tests.integration.test_front_door_links import saying_yes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_who_does_not_answer_is_said_to_people_and_programs(tmp_path: Path) -> None:
    """By name, as a page that asks again, and in the control API's own format of errors; and only while it is so."""
    site = site_in(tmp_path)
    site = replace(site, grafana_home=tmp_path)  # the front door leads to it; none is there
    front = site.url(site.ports.caddy, "")
    with started(caddy_service(site), site):
        for path, who in (("/", "Grafana"), ("/control/", "The control API"), ("/prometheus/graph", "The control API")):
            page = httpx.get(f"{front}{path}", headers=BROWSER)
            assert (page.status_code, page.headers["retry-after"]) == (503, "5")
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert f'<h1 style="font-size: 1.5rem">{who} does not answer yet</h1>' in page.text
            assert "This page asks again every 5 s." in page.text
            assert '<meta http-equiv="refresh" content="5">' in page.text
            assert page.headers["x-content-type-options"] == "nosniff"
        program = httpx.post(f"{front}/control/api/shutdown", json={"device_id": "cnc-0001"})
        assert (program.status_code, program.headers["retry-after"]) == (503, "5")
        assert program.headers["content-type"] == "application/problem+json"
        assert program.json() == {
            "type": "urn:energytrack:problem:starting", "title": "The service is not available", "status": 503,
            "detail": "The control API does not answer yet: it is starting, or it is away. Ask again in 5 s.",
        }  # fmt: skip
        with saying_yes(site.ports.control_api):
            assert httpx.get(f"{front}/control/", headers=BROWSER).status_code == 200
            prometheus = httpx.get(f"{front}/prometheus/graph", headers=BROWSER)
            assert (prometheus.status_code, "Prometheus does not answer yet" in prometheus.text) == (503, True)
        assert httpx.get(f"{front}/healthz").text == "ready"
