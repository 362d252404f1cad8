"""The control API as it is put together; with a real database in tests/integration."""

from typing import Any

import httpx
import pytest
from flask import Request
from prometheus_client import CollectorRegistry
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from control_api.alarms.firing import PrometheusRules
from control_api.composition import Services, build, build_from_env
from control_api.settings import ControlApiSettings
from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.plant import load_plant
from testkit.builders.control import a_store
from testkit.builders.messages import NOW
from testkit.builders.plants import PLANT_FILE
from testkit.stand_ins.password import guarded_server

NOBODY = "127.0.0.1:9"
"""Nobody listens there: whoever connects while services are put together fails."""


def services(**given: Any) -> Services:
    env = given.pop("env", {})
    return build(
        ControlApiSettings.from_env(env), plant=load_plant(PLANT_FILE), bus=MemoryBus(),
        store=a_store(f"mongodb://{NOBODY}", "nowhere"), clock=ManualClock(NOW), registry=CollectorRegistry(),
        new_id=lambda: "01", **given,
    )  # fmt: skip


def a_request(**headers: str) -> Request:
    return Request(EnvironBuilder(headers=Headers(headers)).get_environ())


def test_what_is_done_in_one_place_is_heard_of_in_the_others() -> None:
    """Orders of a schedule go the way of bulk orders, those the way of single ones; cases are made of the alarms."""
    made = services()
    assert made.schedules.bulk is made.bulk
    assert made.bulk.orders is made.orders is made.pending_orders.orders
    assert made.cases.alarms is made.alarms
    assert made.devices.is_silent == made.fleet.is_silent


def test_without_grafana_its_sessions_open_nothing() -> None:
    assert services().access.caller(a_request(Cookie="grafana_session=session-of-maria")) is None


def test_the_token_of_alerting_comes_from_the_settings() -> None:
    """And opens nothing where there is none."""
    env = {"ENERGYTRACK_CONTROL_API_ALERTS_TOKEN": "the-alerting-token"}
    request = a_request(Authorization="Bearer the-alerting-token")
    caller = services(env=env).access.caller(request)
    assert caller is not None
    assert caller.method == "alerting"


def test_alarms_are_compared_with_prometheus_where_there_is_one() -> None:
    """An empty address means that there is none."""
    without = services(env={"ENERGYTRACK_CONTROL_API_PROMETHEUS_URL": ""})
    assert without.reconciliation.prometheus is None
    rules = PrometheusRules("http://prometheus", transport=httpx.MockTransport(lambda _: httpx.Response(500)))
    assert services(prometheus=rules).reconciliation.prometheus is rules


def test_the_password_for_prometheus_comes_from_the_settings() -> None:
    with guarded_server("energytrack", "a password", b'{"data": {"groups": []}}') as prometheus:
        env = {
            "ENERGYTRACK_CONTROL_API_PROMETHEUS_URL": prometheus.url,
            "ENERGYTRACK_CONTROL_API_PROMETHEUS_USERNAME": "energytrack",
            "ENERGYTRACK_CONTROL_API_PROMETHEUS_PASSWORD": "a password",
        }
        rules = services(env=env).reconciliation.prometheus
        assert rules is not None
        assert rules.firing().rules == frozenset()
    assert prometheus.answered == [200]


@pytest.mark.parametrize(
    ("env", "grafana", "annotates"),
    [
        ({}, False, False),
        ({"ENERGYTRACK_CONTROL_API_GRAFANA_URL": "http://127.0.0.1:9"}, True, False),
        (
            {
                "ENERGYTRACK_CONTROL_API_GRAFANA_URL": "http://127.0.0.1:9",
                "ENERGYTRACK_CONTROL_API_GRAFANA_TOKEN": "a-service-token",
            },
            True,
            True,
        ),
        ({"ENERGYTRACK_CONTROL_API_GRAFANA_TOKEN": "a-service-token"}, False, False),
    ],
)
def test_the_environment_says_which_servers_there_are(env: dict[str, str], grafana: bool, annotates: bool) -> None:
    """Grafana knows who is who where its address is known, and is written to where there is a token for it too."""
    servers = {"ENERGYTRACK_KAFKA_SERVERS": NOBODY, "ENERGYTRACK_MONGO_URI": f"mongodb://{NOBODY}"}
    clock = ManualClock(NOW)
    made = build_from_env(servers | env, ControlApiSettings.from_env(env), clock, CollectorRegistry())
    assert (made.access.grafana is not None) is grafana
    assert (made.annotations._client is not None) is annotates
    first = made.new_id()
    clock.advance(1)
    assert first < made.new_id()
