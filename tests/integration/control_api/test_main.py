"""The service as it runs: its own process, real Kafka, a real database."""

import re
from pathlib import Path

from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS
from testkit.stack.control_service import an_editor, control_api, obedient_machines, serving
from testkit.stack.servers import eventually, site_in
from tests.integration.control_api.conftest import Names


def test_an_order_goes_round_and_the_service_ends_on_request(names: Names, tmp_path: Path) -> None:
    """From the request over Kafka to a machine, its answer over Kafka into the database; SIGTERM ends it cleanly."""
    bus = open_bus(KafkaSettings.from_env(names), "test")
    bus.create_topics(TOPICS)
    site = site_in(tmp_path)
    with (
        obedient_machines(bus),
        serving(site, names) as child,
        an_editor(names, site.url(site.ports.control_api, "")) as api,
    ):
        response = api.post("/api/shutdown", json={"device_id": "press-0001", "reason": "test", "override": True})
        assert response.status_code == 202, response.text
        shown = eventually(
            lambda: (found := api.get(response.headers["Location"]).json())["status"] == "done" and found, 30
        )
        assert shown["device_state"] == "stopped"
        assert "energytrack_control_orders_total" in api.get("/metrics").text
        assert child.terminate() == 0


def test_without_a_broker_an_order_is_refused_in_time(names: Names, tmp_path: Path) -> None:
    """It says so within seconds, and goes on serving what it can."""
    site = site_in(tmp_path)
    nowhere = f"127.0.0.1:{site.ports.kafka}"
    with (
        serving(site, {**names, "ENERGYTRACK_KAFKA_SERVERS": nowhere}),
        an_editor(names, site.url(site.ports.control_api, "")) as api,
    ):
        response = api.post("/api/restart", json={"device_id": "press-0001", "reason": "test"})
        assert response.status_code == 503
        assert response.json()["type"] == "urn:energytrack:problem:kafka_away"
        assert api.get("/api/devices/press-0001").json()["open_order"] is None


def test_tokens_come_and_go_by_the_command_line(names: Names) -> None:
    """Made and shown once, listed without their secrets, ended by hand."""
    made = control_api(names, "tokens", "create", "--name", "line-a", "--role", "Viewer", "--days", "0")
    assert re.fullmatch(r"et_[0-9A-Z]{26}_[\w-]{43}", made)
    token_id = made.split("_")[1]
    listed = control_api(names, "tokens", "list")
    assert "line-a" in listed
    assert made.split("_", 2)[2] not in listed
    assert "is revoked" in control_api(names, "tokens", "revoke", token_id)
    assert "/control/sign-in#code=et_" in control_api(names, "link")
