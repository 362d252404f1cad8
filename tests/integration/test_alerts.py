"""From a failure to the alarm: real Kafka, Prometheus and Alertmanager, and a stand-in for the receiver."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from energytrack.bus.open import open_bus
from energytrack.messages import encode
from energytrack.settings import KafkaSettings
from energytrack.topics import EVENTS, READINGS, TOPICS
from local.services.observability import alertmanager_service
from local.services.secrets import ALERTS_TOKEN, secret_file
from testkit.builders.messages import a_reading, an_event
from testkit.stack.exporters_service import exporters_service
from testkit.stack.servers import eventually, prometheus_running, site_in, started
from testkit.stand_ins.webhook import webhooks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_a_failure_on_the_bus_is_an_alarm_at_the_control_api(
    tmp_path: Path, kafka_servers: str, topic_prefix: str
) -> None:
    site = site_in(tmp_path)
    bus = open_bus(KafkaSettings(servers=kafka_servers, topic_prefix=topic_prefix), "test")
    bus.create_topics(TOPICS)
    env = {"ENERGYTRACK_KAFKA_SERVERS": kafka_servers, "ENERGYTRACK_KAFKA_TOPIC_PREFIX": topic_prefix}
    scraped, manager = exporters_service(site, env), alertmanager_service(site)
    with (
        webhooks(site.ports.control_api) as received,
        started(scraped, site),
        prometheus_running(site, [scraped, manager]),
        started(manager, site),
        closing(bus.sink()) as sink,
    ):
        now = datetime.now(UTC)
        sink.put(READINGS, "cnc-0007", encode(a_reading(timestamp=now, state="failed")))
        sink.put(EVENTS, "cnc-0007", encode(an_event("failure", timestamp=now)))
        sink.flush()
        eventually(lambda: received.taken, 90)
        first = received.taken[0]
        assert first.path == "/api/alerts"
        assert first.authorization == f"Bearer {secret_file(site, ALERTS_TOKEN).read_text()}"
        (alert,) = first.body["alerts"]
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
        assert alert["annotations"]["runbook_url"] == f"{front_door}/control/runbook#machine-failed"
