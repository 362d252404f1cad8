"""The table of rights is what the services do: no more, and no less."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import energytrack.topics as declared
from energytrack.security.rights import RIGHTS, Permission, Rights, gateway_group, gateway_rights
from energytrack.topics import COMMANDS, DEAD_LETTERS, EVENTS, READINGS, TOPICS
from exporters import composition as exporters
from gateway.orders import composition as gateway
from historian import composition as historian
from ml.scoring import composition as ml_consumer
from simulator import composition as simulator

ROOT: Final = Path(__file__).resolve().parents[4]
ROOMS: Final = {
    "control-api": "control_api/**/*.py",
    "exporters": "exporters/**/*.py",
    "historian": "historian/**/*.py",
    "ml-consumer": "ml/scoring/*.py",
    "simulator": "simulator/[!r]*.py",
    "replay": "simulator/replay.py",
    "gateway": "gateway/**/*.py",
}
NAMES: Final = {name: value for name, value in vars(declared).items() if value in [topic.name for topic in TOPICS]}


def calls(user: str, method: str) -> Iterator[ast.Call]:
    """Every call of a method by that name in a service's room."""
    for file in ROOT.glob(ROOMS[user]):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and method in {
                getattr(node.func, "attr", None),
                getattr(node.func, "id", None),
            }:
                yield node


def topics_in(nodes: list[ast.expr]) -> set[str]:
    named = {each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name)}
    return {NAMES[name] for name in named & NAMES.keys()}


@pytest.mark.parametrize("user", sorted(ROOMS))
def test_a_service_may_write_what_its_code_puts(user: str) -> None:
    puts = {topic for put in ("put", "put_all") for call in calls(user, put) for topic in topics_in(call.args[:1])}
    if user not in {"replay", "gateway"}:
        puts.add(DEAD_LETTERS)  # what a consumer cannot read; a gateway discards it
    assert set(RIGHTS[user].writes) == puts


@pytest.mark.parametrize("service", [exporters, gateway, historian, ml_consumer, simulator], ids=lambda each: each.NAME)
def test_a_service_may_read_what_it_takes_in_its_group(service: object) -> None:
    name, takes = service.NAME, service.TAKES  # type: ignore[attr-defined]
    assert RIGHTS[name].reads == takes
    assert RIGHTS[name].groups == (name,)


def test_the_control_api_may_read_what_its_groups_take() -> None:
    taken = {topic for call in calls("control-api", "source") for topic in topics_in(call.args[1:2])}
    assert set(RIGHTS["control-api"].reads) == taken


def test_the_control_api_alone_orders() -> None:
    assert [user for user, rights in RIGHTS.items() if COMMANDS in rights.writes] == ["control-api"]
    assert COMMANDS not in gateway_rights("hall-2").writes


def test_a_gateway_sends_readings_and_events_and_reads_orders() -> None:
    assert gateway_rights("hall-2").permissions() == {
        Permission("write", "topic", READINGS),
        Permission("write", "topic", EVENTS),
        Permission("read", "topic", COMMANDS),
        Permission("read", "group", "gateway-hall-2"),
    }


def test_on_a_shared_broker_rights_are_for_this_plants_topics_and_groups() -> None:
    rights = Rights(reads=(READINGS,), groups=("control-api", "control-api-live-*"))
    assert rights.permissions("plant-1.") == {
        Permission("read", "topic", "plant-1.factory-sensor-data"),
        Permission("read", "group", "plant-1.control-api"),
        Permission("read", "group", "plant-1.control-api-live-", is_prefix=True),
    }


def test_a_gateway_reads_orders_in_a_group_of_its_own_also_with_a_renewed_user() -> None:
    """Two gateways in one group would each get a part of the orders."""
    (group,) = gateway_rights("hall-2").groups
    assert {gateway_group(user, "gateway") for user in ("gateway-hall-2", "gateway-hall-2.2")} == {group}
    assert gateway_group(None, "gateway") == gateway_group("gateway", "gateway") == "gateway"
