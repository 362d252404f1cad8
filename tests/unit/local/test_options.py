"""The options of a stack: saved at its start, and the same for every later verb."""

from pathlib import Path

from local.options import (
    OPTIONS_FILE,
    OPTIONS_FILE_OF_0_1,
    StackOptions,
    grafana_here,
    orders_file_here,
    save_options,
    saved_options,
    site_of,
)
from local.services.pipeline import shared_env
from local.site import ROOT


def test_options_are_saved_and_a_damaged_file_means_the_defaults(tmp_path: Path) -> None:
    options = StackOptions(port_offset=1000, devices=50, replay="/data/rig", replay_speed=10)
    save_options(options, tmp_path)
    assert saved_options(tmp_path) == options
    (tmp_path / OPTIONS_FILE).write_text("{")
    assert saved_options(tmp_path) == StackOptions()


def test_a_stack_that_release_0_1_started_is_found(tmp_path: Path) -> None:
    (tmp_path / OPTIONS_FILE_OF_0_1).write_text('{"port_offset":100}')
    assert saved_options(tmp_path) == StackOptions(port_offset=100)


def test_options_make_a_site() -> None:
    environment = {"ENERGYTRACK_VAR": "/srv/var", "ENERGYTRACK_MONGO_URI": ""}
    site = site_of(StackOptions(port_offset=1000, devices=50), environment)
    assert (site.ports.kafka, site.devices, site.var, site.mongo_uri) == (10092, 50, Path("/srv/var"), None)
    assert not site.passwords
    assert site_of(StackOptions(passwords=True), environment).passwords


def test_the_grafana_that_was_started_is_known_without_the_variable(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "grafana"
    program.parent.mkdir()
    program.touch(mode=0o755)
    started = StackOptions(grafana_home=grafana_here({"GRAFANA_HOME": str(tmp_path)}))
    save_options(started, tmp_path)
    assert site_of(saved_options(tmp_path), {}).grafana_home == tmp_path


def test_the_list_of_machines_that_obey_is_known_without_the_variable(tmp_path: Path) -> None:
    named = {"ENERGYTRACK_GATEWAY_ORDERS_FILE": str(tmp_path / "orders.toml")}
    started = StackOptions(orders_file=orders_file_here(named))
    assert site_of(started, {}).orders_file == tmp_path / "orders.toml"
    assert orders_file_here({}) is None


def test_all_services_get_another_plant(tmp_path: Path) -> None:
    """By the same variable as theirs; the example plant where nothing is said."""
    other = tmp_path / "chicago.toml"
    site = site_of(StackOptions(), {"ENERGYTRACK_PLANT_FILE": str(other)})
    assert shared_env(site)["ENERGYTRACK_PLANT_FILE"] == str(other)
    assert site_of(StackOptions(), {"ENERGYTRACK_PLANT_FILE": ""}).plant_file == ROOT / "plant.toml"
