"""Annotations of orders and alarms in Grafana, and that nobody waits for them."""

import threading
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import CollectorRegistry

from control_api.annotations import Annotations, annotating_client
from testkit.builders.alert_payloads import from_alertmanager
from testkit.builders.control import an_order
from testkit.stack.servers import eventually
from testkit.stand_ins.grafana import SERVICE_TOKEN, GrafanaStandIn
from tests.integration.control_api.calls import act, rule_says
from tests.integration.control_api.conftest import ApiUnderTest


@pytest.fixture
def posting(plant: ApiUnderTest) -> Iterator[None]:
    """The service's thread that posts."""
    stop = threading.Event()
    thread = threading.Thread(target=plant.services.annotations.post_until, args=(stop,), kwargs={"pause": 0.05})
    thread.start()
    yield
    stop.set()
    thread.join()


def outcomes(plant: ApiUnderTest, outcome: str) -> float | None:
    return plant.services.registry.get_sample_value("energytrack_control_annotations_total", {"outcome": outcome})


@pytest.mark.usefixtures("posting")
def test_an_order_is_a_span_from_its_request_to_its_end(plant: ApiUnderTest, grafana: GrafanaStandIn) -> None:
    """With who, why, and what the machine answered; what people typed is text, not markup."""
    begun = plant.clock.now()
    order = {"device_id": "press-0001", "reason": "smells <b>hot</b>"}
    assert plant.client.post("/api/shutdown", json=order).status_code == 202
    plant.clock.advance(2)
    (command,) = plant.commands()
    plant.answer(command, detail="ramped")
    eventually(lambda: grafana.annotations)
    (annotation,) = grafana.annotations
    assert annotation == {
        "time": round(begun.timestamp() * 1000),
        "timeEnd": round(begun.timestamp() * 1000) + 2000,
        "tags": ["energytrack", "order", "shutdown", "done", "press-0001"],
        "text": "shutdown of press-0001: done (ramped). maria: smells &lt;b&gt;hot&lt;/b&gt;",
    }


@pytest.mark.usefixtures("posting")
def test_an_alarm_leaves_its_turns(plant: ApiUnderTest, grafana: GrafanaStandIn) -> None:
    """Opened, acknowledged and judged; repeated notifications and remarks leave nothing."""
    rule_says(plant, from_alertmanager())
    rule_says(plant, from_alertmanager())
    act(plant, "comment", comment="is it the pump?")
    act(plant, "acknowledge")
    act(plant, "verdict", verdict="true_alarm", finding="bearing worn")
    eventually(lambda: len(grafana.annotations) == 3)
    assert [annotation["tags"][:4] for annotation in grafana.annotations] == [
        ["energytrack", "alarm", "critical", deed] for deed in ("opened", "acknowledged", "judged")
    ]
    assert grafana.annotations[-1]["text"].endswith("judged by maria. true alarm. bearing worn")


@pytest.mark.usefixtures("posting")
def test_while_grafana_is_away_orders_go_on_and_annotations_wait(plant: ApiUnderTest, grafana: GrafanaStandIn) -> None:
    """A script's order is done meanwhile; the annotation comes when Grafana is back, once."""
    grafana.away = True
    script = plant.script("Editor")
    assert script.post("/api/shutdown", json={"device_id": "press-0001", "reason": "night"}).status_code == 202
    (command,) = plant.commands()
    plant.answer(command)
    assert script.get(f"/api/commands/{command.command_id}").get_json()["status"] == "done"
    assert grafana.annotations == []
    grafana.away = False
    eventually(lambda: outcomes(plant, "posted") == 1)
    assert len(grafana.annotations) == 1


def test_what_grafana_refuses_or_nobody_takes_is_counted(grafana: GrafanaStandIn) -> None:
    """A token that may not write is said once for each; a queue that is full leaves the later ones out."""
    registry = CollectorRegistry()
    client = annotating_client("http://grafana.test", "wrong", transport=httpx.WSGITransport(grafana))
    annotations = Annotations(client, registry)
    order = an_order(status="done", closed_at=an_order().requested_at)
    for _ in range(1001):
        annotations.order(order)
    assert registry.get_sample_value("energytrack_control_annotations_total", {"outcome": "left_out"}) == 1
    stop = threading.Event()
    thread = threading.Thread(target=annotations.post_until, args=(stop,))
    thread.start()
    eventually(
        lambda: (registry.get_sample_value("energytrack_control_annotations_total", {"outcome": "refused"}) or 0) > 5
    )
    stop.set()
    thread.join()
    assert grafana.annotations == []


def test_without_a_token_nothing_is_kept_for_grafana() -> None:
    """Nor counted."""
    registry = CollectorRegistry()
    annotations = Annotations(None, registry)
    annotations.order(an_order(status="done", closed_at=an_order().requested_at))
    for outcome in ("posted", "refused", "left_out"):
        assert registry.get_sample_value("energytrack_control_annotations_total", {"outcome": outcome}) == 0


def test_the_token_is_sent_to_grafana_only() -> None:
    """It is a header of the client's own, and no redirect is followed."""
    client = annotating_client("http://grafana.test", SERVICE_TOKEN)
    assert client.follow_redirects is False
