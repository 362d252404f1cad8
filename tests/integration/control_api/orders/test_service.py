"""Which orders are given, and what happens without a server, with a real database."""

from contextlib import closing
from typing import Any

from energytrack.security.signatures import CommandSigner, CommandVerifier
from energytrack.store.operations.locks import Lock
from testkit.builders.control import A_SIGNING_KEY, a_lock, a_store
from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest


def test_a_device_takes_one_order_at_a_time(plant: ApiUnderTest) -> None:
    """The second hears which one is open; after the answer it may be given."""
    first: Any = order(plant.client).json
    second = order(plant.client, "restart")
    assert problem(second) == (409, "device_busy")
    assert second.json is not None
    assert second.json["command_id"] == first["command_id"]
    assert len(plant.commands()) == 1
    plant.answer(plant.commands()[0])
    assert order(plant.client, "restart").status_code == 202


def test_a_machine_that_has_just_stopped_may_be_restarted_at_once(plant: ApiUnderTest) -> None:
    """By its answer: its state is stored some seconds later, and by that it would be in mid-cycle."""
    plant.says("press-0001", state="running")
    assert problem(order(plant.client, "restart")) == (409, "override_needed")
    assert order(plant.client, override=True).status_code == 202
    plant.answer(plant.commands()[0])
    assert order(plant.client, "restart").status_code == 202


def test_what_machines_get_is_signed(plant: ApiUnderTest) -> None:
    """So a gateway can tell it from what somebody else wrote to Kafka."""
    order(plant.client)
    (command,) = plant.commands()
    CommandVerifier([CommandSigner(A_SIGNING_KEY).public_key]).check(command)


def test_the_same_key_gives_the_order_once(plant: ApiUnderTest) -> None:
    """A request that is repeated, as after a lost connection, changes nothing; the key is not for another order."""
    first: Any = order(plant.client, key="k1").json
    again: Any = order(plant.client, key="k1").json
    assert again["command_id"] == first["command_id"]
    assert len(plant.commands()) == 1
    assert problem(order(plant.client, key="k1", reason="another")) == (422, "key_reused")
    plant.answer(plant.commands()[0])
    done: Any = order(plant.client, key="k1").json
    assert (done["command_id"], done["status"]) == (first["command_id"], "done")


def test_a_running_machine_is_shut_down_with_an_override_only(plant: ApiUnderTest) -> None:
    """And the order keeps that it was one."""
    plant.says("press-0001", state="running")
    assert problem(order(plant.client)) == (409, "override_needed")
    assert plant.commands() == []
    given: Any = order(plant.client, override=True).json
    assert given["override"] is True


def test_a_machine_in_shift_is_shut_down_with_an_override_only(plant: ApiUnderTest) -> None:
    """At noon its people are at work, and idle is not abandoned."""
    plant.clock.advance(-12 * 3600)
    plant.says("press-0001", state="idle")
    assert problem(order(plant.client)) == (409, "override_needed")
    assert order(plant.client, override=True).status_code == 202


def test_a_locked_machine_is_not_restarted(plant: ApiUnderTest) -> None:
    """Whoever asks and whatever they override."""
    plant.services.store.locks.add(a_lock("press-0001"))
    assert problem(order(plant.client, "restart", override=True)) == (423, "device_locked")
    assert plant.commands() == []
    assert order(plant.client, "shutdown").status_code == 202


def test_a_lock_that_comes_at_the_last_moment_counts(plant: ApiUnderTest, monkeypatch: Any) -> None:
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


def test_without_kafka_nothing_is_half_done(plant: ApiUnderTest) -> None:
    """A clear sentence, a closed order, and the machine is free for the next one."""
    plant.bus.away = True
    response = order(plant.client)
    assert problem(response) == (503, "kafka_away")
    assert response.headers["Retry-After"] == "5"
    (filed,) = plant.client.get("/api/commands").get_json()["commands"]
    assert filed["status"] == "failed"
    plant.bus.away = False
    assert order(plant.client).status_code == 202


def test_without_the_database_nothing_is_ordered(plant: ApiUnderTest, monkeypatch: Any) -> None:
    """An order that cannot be kept is not given."""
    with closing(a_store("mongodb://127.0.0.1:9", "nowhere")) as nowhere:
        monkeypatch.setattr(plant.services.store.devices, "_link", nowhere.link)
        assert problem(order(plant.client)) == (503, "store_away")
    assert plant.commands() == []
