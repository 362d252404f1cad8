"""Links that stand in alerts lead somewhere on a stack without Grafana: a real front door before a real Prometheus."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from local.services.front_door import caddy_service
from testkit.stack.servers import prometheus_running, site_in, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


class LetsEverybodyIn(BaseHTTPRequestHandler):
    """Stands in for the control API, which says who may ask Prometheus."""

    def do_GET(self) -> None:
        """Yes."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def control_api(port: int) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", port), LetsEverybodyIn) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_links_of_alerts_lead_somewhere_without_grafana(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    front = site.url(site.ports.caddy, "")
    with control_api(site.ports.control_api), prometheus_running(site, []), started(caddy_service(site), site):
        rule = httpx.get(f"{front}/prometheus/graph?g0.expr=up&g0.tab=1", follow_redirects=True)
        assert rule.status_code == 200
        assert "g0.expr=up" in str(rule.url)
        machine = httpx.get(f"{front}/d/energytrack-device?var-device=cnc-0007")
        assert machine.headers["location"] == "/control/devices/cnc-0007"
        other = httpx.get(f"{front}/d/energytrack-pipeline")
        assert other.headers["location"] == "/control/"
