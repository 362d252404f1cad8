"""Orders through the API, with a real database."""

from contextlib import closing
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from energytrack.store.operations.locks import Lock
from testkit.control_builders import a_lock, a_store, an_order
from tests.integration.control_api.conftest import Plant


def order(client: FlaskClient, action: str = "shutdown", *, key: str | None = None, **body: Any) -> TestResponse:
    given: dict[str, Any] = {"device_id": "press-0001", "reason": "overheating"}
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"/api/{action}", json=given | body, headers=headers)


def problem(response: TestResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    assert response.json is not None
    assert response.json["status"] == response.status_code
    return response.status_code, response.json["type"].removeprefix("urn:energytrack:problem:")


def test_an_order_travels_to_the_machine_and_its_answer_back(plant: Plant) -> None:
    """Stored, sent, answered; each step can be read back."""
    plant.says("press-0001", state="idle")
    response = order(plant.client)
    assert response.status_code == 202
    given = response.json
    assert given is not None
    assert (given["status"], given["action"], given["requested_by"]) == ("sent", "shutdown", "grafana:maria")
    (command,) = plant.commands()
    assert (command.command_id, command.device_id, command.reason) == (given["command_id"], "press-0001", "overheating")
    assert command.expires_at - command.requested_at == timedelta(seconds=60)

    shown: Any = plant.client.get("/api/devices/press-0001").json
    assert shown["open_order"]["command_id"] == given["command_id"]

    plant.clock.advance(2)
    plant.answer(command, detail="ramped down")
    shown = plant.client.get(response.headers["Location"]).json
    assert (shown["status"], shown["device_state"], shown["detail"]) == ("done", "stopped", "ramped down")
    shown = plant.client.get("/api/devices/press-0001").json
    assert shown["open_order"] is None


def test_a_device_takes_one_order_at_a_time(plant: Plant) -> None:
    """The second hears which one is open; after the answer it may be given."""
    first: Any = order(plant.client).json
    second = order(plant.client, "restart")
    assert problem(second) == (409, "device_busy")
    assert second.json is not None
    assert second.json["command_id"] == first["command_id"]
    assert len(plant.commands()) == 1
    plant.answer(plant.commands()[0])
    assert order(plant.client, "restart").status_code == 202


def test_the_same_key_gives_the_order_once(plant: Plant) -> None:
    """A request that is repeated, as after a lost connection, changes nothing; the key is not for another order."""
    first: Any = order(plant.client, key="k1").json
    again: Any = order(plant.client, key="k1").json
    assert again["command_id"] == first["command_id"]
    assert len(plant.commands()) == 1
    assert problem(order(plant.client, key="k1", reason="another")) == (422, "key_reused")
    plant.answer(plant.commands()[0])
    done: Any = order(plant.client, key="k1").json
    assert (done["command_id"], done["status"]) == (first["command_id"], "done")


def test_a_running_machine_is_shut_down_with_an_override_only(plant: Plant) -> None:
    """And the order keeps that it was one."""
    plant.says("press-0001", state="running")
    assert problem(order(plant.client)) == (409, "override_needed")
    assert plant.commands() == []
    given: Any = order(plant.client, override=True).json
    assert given["override"] is True


def test_a_machine_in_shift_is_shut_down_with_an_override_only(plant: Plant) -> None:
    """At noon its people are at work, and idle is not abandoned."""
    plant.clock.advance(-12 * 3600)
    plant.says("press-0001", state="idle")
    assert problem(order(plant.client)) == (409, "override_needed")
    assert order(plant.client, override=True).status_code == 202


def test_a_locked_machine_is_not_restarted(plant: Plant) -> None:
    """Whoever asks and whatever they override."""
    plant.services.store.locks.add(a_lock("press-0001"))
    assert problem(order(plant.client, "restart", override=True)) == (423, "device_locked")
    assert plant.commands() == []
    assert order(plant.client, "shutdown").status_code == 202


def test_a_lock_that_comes_at_the_last_moment_counts(plant: Plant, monkeypatch: Any) -> None:
    """Between the judgement and the sending of an order: it is refused, and the machine hears nothing."""
    lock: Lock = a_lock("press-0001")
    add = plant.services.store.commands.add

    def add_and_lock(*arguments: Any) -> None:
        add(*arguments)
        plant.services.store.locks.add(lock)

    monkeypatch.setattr(type(plant.services.store.commands), "add", lambda _, filed: add_and_lock(filed))
    assert problem(order(plant.client, "restart")) == (423, "device_locked")
    assert plant.commands() == []
    (filed,) = plant.client.get("/api/commands").get_json()["commands"]
    assert filed["status"] == "refused"


def test_without_kafka_nothing_is_half_done(plant: Plant) -> None:
    """A clear sentence, a closed order, and the machine is free for the next one."""
    plant.bus.away = True
    response = order(plant.client)
    assert problem(response) == (503, "kafka_away")
    assert response.headers["Retry-After"] == "5"
    (filed,) = plant.client.get("/api/commands").get_json()["commands"]
    assert filed["status"] == "failed"
    plant.bus.away = False
    assert order(plant.client).status_code == 202


def test_without_the_database_nothing_is_ordered(plant: Plant, monkeypatch: Any) -> None:
    """An order that cannot be kept is not given."""
    with closing(a_store("mongodb://127.0.0.1:9", "nowhere")) as nowhere:
        monkeypatch.setattr(plant.services.store.devices, "_link", nowhere.link)
        assert problem(order(plant.client)) == (503, "store_away")
    assert plant.commands() == []


def test_an_order_that_nobody_answers_expires(plant: Plant) -> None:
    """After its own time and the time for an answer; a late answer still corrects it."""
    given: Any = order(plant.client).json
    plant.clock.advance(85)
    plant.services.pending_orders.sweep()
    assert plant.client.get(f"/api/commands/{given['command_id']}").get_json()["status"] == "sent"
    plant.clock.advance(10)
    plant.services.pending_orders.sweep()
    assert plant.client.get(f"/api/commands/{given['command_id']}").get_json()["status"] == "expired"
    plant.answer(plant.commands()[0])
    assert plant.client.get(f"/api/commands/{given['command_id']}").get_json()["status"] == "done"


def test_an_order_left_behind_by_a_service_that_died_is_sent(plant: Plant) -> None:
    """While it still holds; a restart of a machine that was locked since is refused."""
    now = plant.clock.now()
    times = {"requested_at": now, "expires_at": now + timedelta(minutes=1)}
    plant.services.store.commands.add(an_order("press-0001", command_id="1", **times))
    plant.services.store.commands.add(an_order("press-0002", command_id="2", action="restart", **times))
    plant.services.store.locks.add(a_lock("press-0002"))
    plant.services.pending_orders.sweep()
    assert plant.commands() == []
    plant.clock.advance(20)
    plant.services.pending_orders.sweep()
    assert [command.command_id for command in plant.commands()] == ["1"]
    statuses = {each["command_id"]: each["status"] for each in plant.client.get("/api/commands").get_json()["commands"]}
    assert statuses == {"1": "sent", "2": "refused"}


def test_orders_are_listed_newest_first(plant: Plant) -> None:
    """Page by page, by machine, by person."""
    for number in range(1, 4):
        assert order(plant.client, device_id=f"press-000{number}").status_code == 202
    page: Any = plant.client.get("/api/commands?limit=2").json
    assert [each["device_id"] for each in page["commands"]] == ["press-0003", "press-0002"]
    page = plant.client.get(f"/api/commands?limit=2&before={page['next']}").json
    assert [each["device_id"] for each in page["commands"]] == ["press-0001"]
    assert page["next"] is None
    assert len(plant.client.get("/api/commands?device_id=press-0002").get_json()["commands"]) == 1
    assert len(plant.client.get("/api/commands?requested_by=grafana:maria").get_json()["commands"]) == 3
    assert plant.client.get("/api/commands?status=done").get_json()["commands"] == []


def test_every_error_has_one_shape(plant: Plant) -> None:
    """A path that is none, a method that is none, a body that does not fit, one that is no JSON, one too large."""
    client = plant.client
    assert problem(client.get("/api/nothing")) == (404, "not_found")
    assert problem(client.get("/api/shutdown")) == (405, "method_not_allowed")
    assert problem(client.get("/api/devices/unheard-of")) == (404, "unknown_device")
    assert problem(client.get("/api/commands/none")) == (404, "unknown_order")
    assert problem(order(client, device_id="unheard-of")) == (404, "unknown_device")
    assert problem(client.post("/api/shutdown", data="device_id=a")) == (415, "unsupported_media")
    assert problem(client.post("/api/shutdown", data=b"{", content_type="application/json"))[0] == 422
    assert problem(client.post("/api/shutdown", data=b"[]", content_type="application/json"))[0] == 422
    assert problem(order(client, reason="x" * 70_000)) == (413, "request_entity_too_large")
    response = order(client, device_id={"$gt": ""}, reason="", wait=1)
    assert problem(response) == (422, "invalid_request")
    assert response.json is not None
    assert {each["field"] for each in response.json["errors"]} == {"device_id", "reason", "wait"}


def test_machines_are_listed_filtered_sorted_and_paged(plant: Plant) -> None:
    """All of the plant, whether heard of or not."""
    plant.says("press-0002", current=30.0)
    plant.says("unplanned-1", current=1.0, device_type="laser")
    everything: Any = plant.client.get("/api/devices").json
    assert everything["total"] == 301
    assert len(everything["devices"]) == 100
    page: Any = plant.client.get("/api/devices?line=press-shop&sort=power&descending=true&limit=1").json
    assert (page["total"], page["devices"][0]["device_id"]) == (60, "press-0002")
    assert page["devices"][0]["power_watts"] > 0
    assert problem(plant.client.get("/api/devices?limit=0"))[0] == 422
    assert problem(plant.client.get("/api/devices?linee=x"))[0] == 422


def test_it_says_how_it_is(plant: Plant) -> None:
    """Whether it is ready, and what it has counted."""
    order(plant.client)
    assert plant.client.get("/healthz").text == "ready\n"
    metrics = plant.nobody().get("/metrics").text
    assert 'energytrack_control_orders_total{action="shutdown",status="sent"} 1.0' in metrics
    assert 'route="/api/shutdown",status="202"' in metrics


def test_the_document_says_what_it_is_not(plant: Plant) -> None:
    """No safety system; the viewer loads nothing from outside."""
    document: Any = plant.client.get("/openapi.json").json
    assert "not a safety system" in document["info"]["description"]
    assert {"/api/shutdown", "/api/devices/{device_id}"} <= set(document["paths"])
    page = plant.client.get("/docs")
    assert "http" not in page.text.replace("http-equiv", "")
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    for asset in ("docs/assets/swagger-ui-bundle.js", "docs/assets/swagger-ui.css", "static/api_docs.js"):
        with plant.client.get(f"/{asset}") as response:
            assert response.status_code == 200
    assert plant.client.get("/docs/assets/..%2f..%2f__init__.py").status_code == 404


def test_a_button_gives_its_reason_in_the_address(plant: Plant) -> None:
    """Where quotation marks, as people type them, break nothing; without any reason there is no order."""
    body = {"device_id": "press-0001"}
    assert problem(plant.client.post("/api/shutdown", json=body)) == (422, "reason_needed")
    reason = 'smells "hot" & drips\\'
    given = plant.client.post("/api/shutdown", query_string={"reason": reason}, json=body)
    assert given.status_code == 202, given.text
    assert given.get_json()["reason"] == reason
    twice = plant.client.post("/api/shutdown", query_string={"reason": "a", "device_id": "press-0002"}, json=body)
    assert problem(twice) == (422, "invalid_request")
