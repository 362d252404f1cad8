"""The audit log: what people and scripts ask for is recorded before it is done, by any number of replicas."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from control_api.audit.requests import STREAMS
from control_api.auth.guard import READING
from control_api.auth.identity import RANKS
from control_api.auth.permissions import LEAST_ROLES
from energytrack.errors import StoreUnavailable
from energytrack.security.audit import AuditEntry, Chains
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from tests.integration.control_api.conftest import ApiUnderTest


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
