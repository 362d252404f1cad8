"""Two replicas beside each other: both take orders, and whoever watches either sees all of it."""

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

from energytrack.bus.open import open_bus
from energytrack.clock import SystemClock
from energytrack.messages import encode
from energytrack.settings import KafkaSettings
from energytrack.topics import READINGS, TOPICS
from testkit.builders.messages import a_reading
from testkit.clients.live import LiveClient, watching
from testkit.patience import seconds_here
from testkit.stack.control_service import an_editor, obedient_machines, serving
from testkit.stack.servers import eventually, site_in
from tests.integration.control_api.conftest import ORIGIN, Names


def _all_see(clients: Sequence[LiveClient], command_id: str) -> bool:
    """Whether an order's good end has reached all of them."""
    return all(
        any(order["command_id"] == command_id and order["status"] == "done" for order in client.latest["orders"])
        for client in clients
    )


def test_both_replicas_serve_and_tell_the_same(names: Names, tmp_path: Path) -> None:
    """Readings, orders and locks reach the clients of both, whichever replica was asked; one goes, the other stays."""
    bus, clock = open_bus(KafkaSettings.from_env(names), "test"), SystemClock()
    bus.create_topics(TOPICS)
    sites = [site_in(tmp_path / name) for name in ("one", "two")]
    one, two = (site.url(site.ports.control_api, "") for site in sites)
    with serving(sites[1], names), an_editor(names, two) as editor:
        headers = {"Authorization": editor.headers["Authorization"], "Origin": ORIGIN}
        with (
            serving(sites[0], names) as first,
            obedient_machines(bus),
            closing(bus.sink()) as sink,
            watching(one, headers, "fleet") as anna,
            watching(two, headers, "fleet") as bert,
        ):

            def heard() -> bool:
                at = clock.now() - timedelta(seconds=1)
                sink.put(READINGS, "press-0001", encode(a_reading("press-0001", timestamp=at, state="idle")))
                sink.flush()
                return all("press-0001" in client.devices for client in (anna, bert))

            assert eventually(heard, 30, pause=0.5)
            for url, device_id in ((one, "press-0001"), (two, "press-0002")):
                order = {"device_id": device_id, "reason": "night", "override": True}
                given = editor.post(f"{url}/api/shutdown", json=order)
                assert given.status_code == 202, given.text
                command_id = given.json()["command_id"]
                assert eventually(partial(_all_see, (anna, bert), command_id), 30)
                answered = editor.get(f"{one}/api/commands/{command_id}").json()
                assert answered == editor.get(f"{two}/api/commands/{command_id}").json()
            assert editor.post(f"{one}/api/devices/press-0001/lock", json={"reason": "belt"}).is_success
            assert eventually(lambda: [lock["device_id"] for lock in bert.latest["locks"]] == ["press-0001"])
            refused = editor.post(f"{two}/api/restart", json={"device_id": "press-0001", "reason": "morning"})
            assert refused.json()["type"] == "urn:energytrack:problem:device_locked"
            assert first.terminate() == 0
            assert anna.ended.wait(seconds_here(15))
            assert not bert.ended.is_set()
            order = {"device_id": "press-0003", "reason": "night", "override": True}
            command_id = editor.post(f"{two}/api/shutdown", json=order).json()["command_id"]
            assert eventually(partial(_all_see, (bert,), command_id), 60), (
                "the group's partitions go to the other replica"
            )
