"""Machines that the plant file does not list, and the lines that add them."""

import tomllib
from pathlib import Path

import pytest

from control_api.machines.rules import toml_lines, unknown_machines
from energytrack.machines.state import MachineState
from energytrack.plant import Plant, load_plant
from testkit.builders.plants import a_plant_file


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    return load_plant(a_plant_file(tmp_path))


def test_machines_and_meters_of_the_plant_file_are_known(plant: Plant) -> None:
    names = ("lathe-9", "main", "drill-88", next(iter(plant.devices)).device_id)
    unknown = unknown_machines([MachineState(name) for name in names], plant)
    assert [each.device_id for each in unknown] == ["drill-88", "lathe-9"]


def test_the_lines_are_toml_with_what_the_machine_sent(plant: Plant) -> None:
    kind, line = next(iter(plant.types)), next(iter(plant.lines))
    (device,) = tomllib.loads(toml_lines(MachineState("lathe-9", kind, line), plant))["devices"]
    assert device == {"device_id": "lathe-9", "device_type": kind, "line": line}


def test_what_it_does_not_send_or_sends_wrongly_is_a_question_with_the_possible_answers(plant: Plant) -> None:
    lines = toml_lines(MachineState("lathe-9", "time machine"), plant)
    (device,) = tomllib.loads(lines)["devices"]
    assert (device["device_type"], device["line"]) == ("?", "?")
    assert f'device_type = "?"  # {" | ".join(plant.types)}' in lines
    assert f'line = "?"  # {" | ".join(plant.lines)}' in lines
