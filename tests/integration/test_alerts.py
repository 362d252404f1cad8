"""From a failure to the alarm: real Kafka, Prometheus and Alertmanager, and a stand-in for who is told."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from energytrack.bus.open import open_bus
from energytrack.messages import encode
from energytrack.settings import KafkaSettings
from energytrack.topics import EVENTS, READINGS, TOPICS
from local.child import started
from local.keys import ALERTS_TOKEN, secret_file
from local.observability import alertmanager_service
from local.service import HttpAnswers, Service
from local.site import HOST, Site
from tests.builders import a_reading, an_event
from tests.servers import eventually, prometheus_running, site_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@contextmanager
def control_api(site: Site) -> Iterator[list[tuple[str, str, dict[str, Any]]]]:
    """Takes whatever is posted: path, authorization and body of each request."""
    taken: list[tuple[str, str, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.append((self.path, self.headers["Authorization"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  # the base class names it so

    with ThreadingHTTPServer((HOST, site.ports.control_api), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield taken
        server.shutdown()


def exporter(site: Site, servers: str, prefix: str) -> Service:
    port = site.ports.exporters
    return Service(
        name="exporters",
        purpose="under test",
        command=(sys.executable, "-m", "exporters"),
        ready=HttpAnswers(site.url(port, "/healthz")),
        ports=("exporters",),
        env={
            "ENERGYTRACK_KAFKA_SERVERS": servers,
            "ENERGYTRACK_KAFKA_TOPIC_PREFIX": prefix,
            "ENERGYTRACK_METRICS_PORT": str(port),
            "ENERGYTRACK_PLANT_FILE": str(site.root / "plant.toml"),
        },
    )


def test_a_failure_on_the_bus_is_an_alarm_at_the_control_api(
    tmp_path: Path, kafka_servers: str, topic_prefix: str
) -> None:
    site = site_in(tmp_path)
    bus = open_bus(KafkaSettings(servers=kafka_servers, topic_prefix=topic_prefix), "test")
    bus.create_topics(TOPICS)
    scraped, manager = exporter(site, kafka_servers, topic_prefix), alertmanager_service(site)
    with (
        control_api(site) as taken,
        started(scraped, site),
        prometheus_running(site, [scraped, manager]),
        started(manager, site),
        closing(bus.sink()) as sink,
    ):
        now = datetime.now(UTC)
        sink.put(READINGS, "cnc-0007", encode(a_reading(timestamp=now, state="failed")))
        sink.put(EVENTS, "cnc-0007", encode(an_event("failure", timestamp=now)))
        sink.flush()
        eventually(lambda: taken, 90)
        path, authorization, body = taken[0]
        assert path == "/api/alerts"
        assert authorization == f"Bearer {secret_file(site, ALERTS_TOKEN).read_text()}"
        (alert,) = body["alerts"]
        assert alert["status"] == "firing"
        assert alert["labels"] == {
            "alertname": "MachineFailed",
            "severity": "critical",
            "team": "maintenance",
            "device_id": "cnc-0007",
            "device_type": "cnc_machine",
            "line": "machining-a",
        }
        assert alert["annotations"]["summary"] == "cnc-0007 has failed"
        front_door = site.url(site.ports.caddy, "")
        assert alert["annotations"]["device_url"] == f"{front_door}/control/devices/cnc-0007"
        assert alert["annotations"]["dashboard_url"] == f"{front_door}/d/energytrack-device?var-device=cnc-0007"
