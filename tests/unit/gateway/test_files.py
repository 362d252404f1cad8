"""What is written for a meter that was checked."""

import tomllib
from pathlib import Path

import pytest
import tomli_w

from energytrack.plant import load_plant
from gateway.files import MeteredMachine, plant_lines, telegraf_file
from gateway.profile import load, names

ROOT = Path(__file__).resolve().parents[3]
MACHINE = MeteredMachine("press-0777", "press", "press-shop")


@pytest.mark.parametrize("name", names())
def test_the_file_reads_the_registers_of_the_profile(name: str) -> None:
    profile = load(name)
    content = tomllib.loads(telegraf_file(profile, "192.0.2.17", 5, MACHINE))
    (meter,) = content["inputs"]["modbus"]
    assert meter["controller"] == "tcp://192.0.2.17:502"
    (request,) = meter["request"]
    assert (request["slave_id"], request["register"], request["byte_order"]) == (5, profile.register, "ABCD")
    fields = {field["name"]: field for field in request["fields"]}
    assert set(fields) == {"current_l1", "current_l2", "current_l3", "power_kw", "energy_kwh"}
    assert fields["energy_kwh"]["address"] == profile.values["energy_kwh"].address
    assert fields["power_kw"]["scale"] == pytest.approx(profile.values["power"].scale / 1000)
    assert all(isinstance(field["scale"], float) for field in fields.values())
    (processor,) = content["processors"]["starlark"]
    assert "def apply(metric)" in processor["source"]
    assert processor["tagpass"] == {"device_id": ["press-0777"]}


def test_the_lines_are_a_machine_of_the_plant(tmp_path: Path) -> None:
    content = tomllib.loads((ROOT / "plant.toml").read_text(encoding="utf-8"))
    content["devices"] = [*content.get("devices", []), *tomllib.loads(plant_lines(MACHINE))["devices"]]
    file = tmp_path / "plant.toml"
    file.write_text(tomli_w.dumps(content), encoding="utf-8")
    assert any(device.device_id == "press-0777" for device in load_plant(file).devices)
