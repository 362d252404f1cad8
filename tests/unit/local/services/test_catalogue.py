"""The stack as data holds together."""

from dataclasses import replace
from pathlib import Path

import pytest

from local.install.programs import find_grafana
from local.lifecycle.stop import waves
from local.services.catalogue import services, steps
from local.services.definition import ServiceDefinition
from local.services.observability import pager
from local.services.pipeline import PIPELINE
from local.services.secrets import GATEWAY_COMMAND_KEYS
from local.site import HOST, Ports, Site

SITE = Site(var=Path("/srv/plant/var"))


def test_every_need_is_a_step_that_comes_earlier() -> None:
    seen: set[str] = set()
    for step in steps(SITE):
        assert set(step.needs) <= seen | {step.name for step in steps(SITE)}
        assert step.name not in seen
        seen.add(step.name)


def test_no_two_services_listen_on_the_same_port() -> None:
    ports = [getattr(SITE.ports, name) for service in services(SITE) for name in service.ports]
    assert len(ports) == len(set(ports))


def test_shifted_ports_move_together_and_meet_none_of_the_others() -> None:
    usual, moved = dict(Ports().items()), dict(Ports().shifted(1000).items())
    assert moved == {name: port + 1000 for name, port in usual.items()}


def test_everything_listens_on_this_machine_only() -> None:
    for service in services(SITE):
        words = " ".join([*service.command, *service.env.values()])
        assert "0.0.0.0" not in words  # noqa: S104  # it must not be there
    prometheus = next(service for service in services(SITE) if service.name == "prometheus")
    assert f"--web.listen-address={HOST}:9090" in prometheus.command


def test_a_person_s_own_database_replaces_the_stack_s() -> None:
    names = {step.name for step in steps(replace(SITE, mongo_uri="mongodb://db.plant.example"))}
    assert "mongo" not in names
    for step in steps(replace(SITE, mongo_uri="mongodb://db.plant.example")):
        assert "mongo" not in step.needs
        assert "ENERGYTRACK_MONGO_URI" not in step.env


def test_a_replay_is_one_more_service() -> None:
    replay = services(replace(SITE, replay=Path("/data/rig"), replay_speed=10))[-2]
    assert replay.name == "replay"
    assert replay.command[1:] == ("-m", "simulator.replay", "--recording", "/data/rig", "--speed", "10", "--loop")


def test_a_list_of_machines_that_obey_brings_the_gateway_for_orders() -> None:
    assert "gateway" not in {service.name for service in services(SITE)}
    gateway = next(
        each for each in services(replace(SITE, orders_file=Path("/etc/orders.toml"))) if each.name == "gateway"
    )
    assert gateway.command[1:] == ("-m", "gateway", "orders")
    assert gateway.env["ENERGYTRACK_GATEWAY_ORDERS_FILE"] == "/etc/orders.toml"
    assert gateway.env["ENERGYTRACK_GATEWAY_STATE_FOLDER"] == "/srv/plant/var/gateway"
    assert gateway.env["ENERGYTRACK_KAFKA_USERNAME"] == "gateway"
    assert gateway.secrets == (GATEWAY_COMMAND_KEYS,)


def test_every_one_of_our_services_gets_a_scaled_plant() -> None:
    ours = {part.name for part in PIPELINE}
    for service in services(replace(SITE, devices=1000)):
        if service.name in ours:
            assert service.env["ENERGYTRACK_PLANT_DEVICES"] == "1000"


def test_services_are_stopped_before_the_servers_they_write_to() -> None:
    order = waves(steps(SITE))
    wave_of = {name: number for number, wave in enumerate(order) for name in wave}
    assert set(wave_of) == {service.name for service in services(SITE)}
    assert wave_of["historian"] < wave_of["mongo"]
    assert wave_of["simulator"] < wave_of["kafka"]


def test_needs_in_a_circle_are_refused() -> None:
    kafka = next(step for step in steps(SITE) if isinstance(step, ServiceDefinition))
    with pytest.raises(ValueError, match="circle: a, b"):
        waves([replace(kafka, name="a", needs=("b",)), replace(kafka, name="b", needs=("a",))])


def test_grafana_is_started_where_it_is_found_behind_the_front_door(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "grafana"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    home = find_grafana(str(tmp_path))
    site = replace(SITE, grafana_home=home)
    by_name = {service.name: service for service in services(site)}
    assert by_name["grafana"].command[:2] == (str(program), "server")
    assert by_name["grafana"].env["GF_SERVER_ROOT_URL"] == "http://127.0.0.1:8080/"
    assert by_name["caddy"].env["ENERGYTRACK_HOME"] == "grafana"
    assert by_name["control_api"].env["ENERGYTRACK_CONTROL_API_GRAFANA_URL"] == "http://127.0.0.1:3000"


@pytest.mark.parametrize(
    ("with_grafana", "alertmanager_sends", "sender"),
    [
        (True, False, "grafana"),
        (True, True, "alertmanager"),
        (False, False, "alertmanager"),
        (False, True, "alertmanager"),
    ],
)
def test_alerts_have_one_sender(
    *, with_grafana: bool, alertmanager_sends: bool, sender: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "grafana").touch(mode=0o755)
    if alertmanager_sends:
        monkeypatch.setenv("ENERGYTRACK_ALERTS_PAGER_URL", "https://pager.example/hook")
    site = replace(SITE, grafana_home=tmp_path if with_grafana else None)
    by_name = {service.name: service for service in services(site)}
    assert pager(site) == sender
    assert ("alertmanager" in by_name) == (sender == "alertmanager")
    if with_grafana:
        silent = by_name["grafana"].env.get("GF_UNIFIED_ALERTING_EXECUTE_ALERTS") == "false"
        assert silent == (sender == "alertmanager")


def test_without_grafana_the_front_door_leads_to_the_operators_page() -> None:
    by_name = {service.name: service for service in services(SITE)}
    assert "grafana" not in by_name
    assert by_name["caddy"].env["ENERGYTRACK_HOME"] == "control"
