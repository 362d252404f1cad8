"""Where the front door leads: links of alerts on a stack without Grafana, and what of Grafana is for those inside."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from local.services.front_door import caddy_service
from local.site import HOST
from testkit.patience import seconds_here
from testkit.stack.servers import prometheus_running, site_in, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


class SaysYes(BaseHTTPRequestHandler):
    """Stands in for the control API, which says who may ask Prometheus, and for Grafana."""

    def do_GET(self) -> None:
        """Yes."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def saying_yes(port: int) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", port), SaysYes) as server:
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
    with saying_yes(site.ports.control_api), prometheus_running(site, []), started(caddy_service(site), site):
        rule = httpx.get(f"{front}/prometheus/graph?g0.expr=up&g0.tab=1", follow_redirects=True)
        assert rule.status_code == 200
        assert "g0.expr=up" in str(rule.url)
        machine = httpx.get(f"{front}/d/energytrack-device?var-device=cnc-0007")
        assert machine.headers["location"] == "/control/devices/cnc-0007"
        other = httpx.get(f"{front}/d/energytrack-pipeline")
        assert other.headers["location"] == "/control/"


def test_grafanas_own_metrics_stay_inside(tmp_path: Path) -> None:
    site = replace(site_in(tmp_path), grafana_home=tmp_path)
    with saying_yes(site.ports.grafana), started(caddy_service(site), site):
        front = site.url(site.ports.caddy, "")
        assert httpx.get(f"{front}/login").status_code == 200
        for path in ("/metrics", "/metrics/", "//metrics", "/%6Detrics", "/METRICS", "/./metrics"):
            with socket.create_connection((HOST, site.ports.caddy), seconds_here(5)) as line:
                line.sendall(
                    f"GET {path} HTTP/1.1\r\nHost: {HOST}:{site.ports.caddy}\r\nConnection: close\r\n\r\n".encode()
                )
                assert line.recv(100).split()[1] == b"404", path
