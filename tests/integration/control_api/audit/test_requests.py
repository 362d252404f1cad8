"""The audit log: what people and scripts ask for is recorded before it is done, by any number of replicas."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from control_api.audit.requests import STREAMS
from control_api.auth.access import READING
from control_api.auth.identity import RANKS
from control_api.auth.permissions import LEAST_ROLES
from control_api.record_metrics import REFUSABLE
from energytrack.errors import StoreUnavailable
from energytrack.security.audit import AuditEntry, Chains, RefusedRequest
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from testkit.builders.alert_payloads import from_alertmanager
from testkit.builders.baselines import a_measure
from testkit.dates import written
from tests.integration.control_api.calls import act, make_schedule, problem, rule_says
from tests.integration.control_api.conftest import ApiUnderTest
from tools.dashboards.kit.orders import REQUESTS


def entries(plant: ApiUnderTest, stream: str) -> list[AuditEntry]:
    return [entry for entry in plant.services.store.audit.entries() if entry.stream == stream]


def append(store: Store, stream: str, details: str) -> AuditEntry:
    return store.audit.append(
        stream,
        at=datetime.now(UTC),
        subject="token:test",
        role="Editor",
        address="",
        deed="POST /api/test",
        details=details,
    )


def test_a_change_is_recorded_with_who_what_and_why_and_a_look_is_not(plant: ApiUnderTest) -> None:
    script = plant.script("Editor", name="line-a")
    script.get("/api/devices")
    script.post("/api/shutdown", json={"device_id": "cnc-0001", "reason": "smoke"})
    (entry,) = entries(plant, "orders")
    assert (entry.subject, entry.role, entry.deed) == (
        "token:line-a",
        "Editor",
        "POST /api/shutdown",
    )
    assert "smoke" in entry.details
    assert list(Chains().check(plant.services.store.audit.entries())) == []


def test_who_may_not_do_it_is_not_recorded(plant: ApiUnderTest) -> None:
    plant.script("Viewer").post("/api/shutdown", json={"device_id": "cnc-0001", "reason": "smoke"})
    plant.nobody().post("/api/shutdown", json={"device_id": "cnc-0001", "reason": "smoke"})
    assert list(plant.services.store.audit.entries()) == []


def test_what_cannot_be_recorded_is_not_done(plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    script = plant.script("Editor")

    def refuse(*_: object, **__: object) -> None:
        raise StoreUnavailable("mongo:27017", "the disk is full")

    monkeypatch.setattr(type(plant.services.store.audit), "append", refuse)
    assert script.post("/api/shutdown", json={"device_id": "cnc-0001", "reason": "smoke"}).status_code == 503
    assert plant.commands() == []


def test_why_a_request_was_refused_is_recorded_after_it(plant: ApiUnderTest) -> None:
    plant.client.post("/api/devices/cnc-0007/lock", json={"reason": "new spindle"})
    assert plant.client.post("/api/devices/cnc-0007/lock", json={"reason": "again"}).status_code == 423
    _, asked, refused = entries(plant, "locks")
    assert refused.deed == f"refused {asked.deed}"
    assert refused.subject == asked.subject
    assert msgspec.json.decode(refused.details, type=RefusedRequest) == RefusedRequest(
        action="locks.lock",
        device_id="cnc-0007",
        code="device_locked",
        detail="cnc-0007 is already locked out by maria.",
    )
    assert list(Chains().check(plant.services.store.audit.entries())) == []


def refused_machine(plant: ApiUnderTest, stream: str) -> tuple[str, str]:
    """The action and the machine of the last refusal."""
    *_, refused = entries(plant, stream)
    refusal = msgspec.json.decode(refused.details, type=RefusedRequest)
    return refusal.action, refusal.device_id


def test_a_refusal_names_the_machine_of_the_alarm(plant: ApiUnderTest) -> None:
    rule_says(plant, from_alertmanager(startsAt=written(plant.clock.now())))
    assert act(plant, "verdict", verdict="true_alarm").status_code == 422
    assert refused_machine(plant, "alarms") == ("alarm_deeds.judge", "cnc-0007")


def test_a_refusal_names_the_machine_of_the_case(plant: ApiUnderTest) -> None:
    rule_says(plant, from_alertmanager(startsAt=written(plant.clock.now())))
    assert plant.client.post("/api/cases/cnc-0007/verdict", json={"verdict": "true_alarm"}).status_code == 422
    assert refused_machine(plant, "alarms")[1] == "cnc-0007"


@pytest.mark.parametrize(("device_ids", "named"), [(["press-0001"], "press-0001"), (["press-0001", "press-0002"], "")])
def test_a_refusal_names_the_one_machine_of_a_schedule(plant: ApiUnderTest, device_ids: list[str], named: str) -> None:
    """The one that is asked for, and the one that stands in the database."""
    select = {"device_ids": device_ids}
    assert make_schedule(plant, select=select, at="24:00").status_code == 422
    assert refused_machine(plant, "schedules")[1] == named
    path = f"/api/schedules/{make_schedule(plant, select=select).get_json()['schedule_id']}"
    assert plant.client.delete(path).status_code == 200
    assert plant.client.post(f"{path}/resume").status_code == 404
    assert refused_machine(plant, "schedules")[1] == named


def test_a_refusal_names_the_machine_of_a_measure(plant: ApiUnderTest) -> None:
    measure = a_measure(device_id="press-0001")
    plant.services.store.measures.add(measure)
    changed = plant.client.post(f"/api/measures/{measure.measure_id}/change", json={"note": ""})
    assert changed.status_code == 422
    assert refused_machine(plant, "measures")[1] == "press-0001"


def test_a_refusal_names_the_machine_of_the_order_to_undo(plant: ApiUnderTest) -> None:
    ordered = plant.client.post("/api/restart", json={"device_id": "press-0001", "reason": "test"}).get_json()
    undone = plant.client.post(f"/api/commands/{ordered['command_id']}/undo", json={"reason": "wrong"})
    assert 400 <= undone.status_code < 500, undone.text
    assert refused_machine(plant, "orders")[1] == "press-0001"


def test_a_refusal_names_nothing_that_cannot_be_a_machine(plant: ApiUnderTest) -> None:
    """It becomes a label of a metric."""
    invented = "x" * 5000
    assert plant.client.post(f"/api/devices/{invented}/lock", json={"reason": "new spindle"}).status_code in {404, 422}
    *_, refused = entries(plant, "locks")
    assert msgspec.json.decode(refused.details, type=RefusedRequest).device_id == ""


def test_a_refusal_that_cannot_be_recorded_is_still_a_refusal(
    plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = plant.services.store.audit
    record = audit.append

    def only_requests(stream: str, **entry: Any) -> AuditEntry:
        if entry["deed"].startswith("refused"):
            raise StoreUnavailable("mongo:27017", "the disk is full")
        return record(stream, **entry)

    monkeypatch.setattr(audit, "append", only_requests)
    response = plant.client.delete("/api/devices/cnc-0007/lock")
    assert problem(response) == (409, "not_locked")
    assert [entry.deed for entry in entries(plant, "locks")] == ["DELETE /api/devices/cnc-0007/lock"]


def test_the_newest_refusals_are_found_by_stream_and_time(plant: ApiUnderTest) -> None:
    audit, begun = plant.services.store.audit, plant.clock.now()
    for number in (1, 2, 3):
        plant.client.delete(f"/api/devices/cnc-000{number}/lock")
        plant.clock.advance(60)
    append(plant.services.store, "locks", "a request that was carried out")
    newest = audit.refusals(["locks"], since=begun, limit=2)
    assert [entry.deed.split("/")[3] for entry in newest] == ["cnc-0003", "cnc-0002"]
    assert [entry.number for entry in audit.refusals(["locks"], since=begun + timedelta(minutes=2), limit=9)] == [6]
    assert audit.refusals(["alarms"], since=begun, limit=2) == []


def test_everything_that_can_be_refused_has_words_in_grafana(plant: ApiUnderTest) -> None:
    routes = {
        rule.endpoint
        for rule in plant.app.url_map.iter_rules()
        if STREAMS.get(rule.rule) in REFUSABLE and not (rule.methods or set()) <= READING
    }
    assert routes == REQUESTS.keys()


def test_replicas_write_one_chain(store: Store, mongo_uri: str, mongo_database: str) -> None:
    other = open_store(MongoSettings.model_validate({"uri": mongo_uri, "database": mongo_database}))
    try:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda n: append((store, other)[n % 2], "orders", str(n)), range(40)))
    finally:
        other.close()
    chain = list(store.audit.entries())
    assert [entry.number for entry in chain] == list(range(1, 41))
    assert {entry.details for entry in chain} == {str(n) for n in range(40)}
    assert list(Chains().check(chain)) == []


def test_every_route_that_changes_something_has_a_chain() -> None:
    changing = {
        route.partition(" ")[2]
        for route, role in LEAST_ROLES.items()
        if role in RANKS and route.partition(" ")[0] not in READING
    }
    assert changing == STREAMS.keys()
