"""`gateway check` as people call it, on real meters: what is right, what is wrong, and what is written."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from gateway.__main__ import check_meter, parser
from gateway.profile import load
from gateway.registers import encode
from local.site import ROOT
from testkit.gateways.meter_values import at_work
from testkit.gateways.modbus_meters import ModbusServer, meters
from testkit.stack.servers import free_ports

NAME = "siemens-pac2200"
PROFILE = load(NAME)
ENV = {"ENERGYTRACK_PLANT_FILE": str(ROOT / "plant.toml")}
MACHINE = ("--device-id", "press-0777", "--type", "press", "--line", "press-shop")


@pytest.fixture(scope="module")
def bank() -> Iterator[ModbusServer]:
    with meters(free_ports().caddy, (1,)) as running:
        yield running


def called(bank: ModbusServer, folder: Path, *further: str, name: str = NAME) -> tuple[int, str]:
    """Its exit code, and what people see."""
    console = Console(record=True, width=160, file=sys.stderr)
    arguments = parser().parse_args(["check", name, bank.address, "--seconds", "0", "--write", str(folder), *further])
    return check_meter(ENV, arguments, console), console.export_text()


def test_a_meter_without_mistakes_is_written(bank: ModbusServer, tmp_path: Path) -> None:
    """Its register is not proved within a second, which is said."""
    bank.show(1, PROFILE, at_work())
    code, seen = called(bank, tmp_path, *MACHINE)
    assert code == 0
    assert "✓ right power: 7022 W, and the sum of the phases is 7022 W" in seen
    assert "? unproven register" in seen
    assert (tmp_path / "press-0777.conf").is_file()
    assert 'device_id = "press-0777"\ndevice_type = "press"\nline = "press-shop"' in seen


def test_a_reversed_transformer_is_named_and_nothing_is_written_without_consent(
    bank: ModbusServer, tmp_path: Path
) -> None:
    bank.show(1, PROFILE, at_work(reversed_="l2"))
    code, seen = called(bank, tmp_path, *MACHINE)
    assert code == 1
    assert "✗ wrong power L2" in seen
    assert "turn the current transformer of L2 around" in seen
    assert list(tmp_path.iterdir()) == []
    assert called(bank, tmp_path, *MACHINE, "--anyway")[0] == 0
    assert (tmp_path / "press-0777.conf").is_file()


def test_another_order_of_bytes_is_found_and_then_written(bank: ModbusServer, tmp_path: Path) -> None:
    for quantity, register in PROFILE.values.items():
        number = PROFILE.number_type(quantity)
        bank.set(1, register.address, encode(at_work()[quantity] / register.scale, number, "CDAB"))
    code, seen = called(bank, tmp_path, *MACHINE)
    assert (code, "→ --byte-order CDAB" in seen) == (1, True)
    assert called(bank, tmp_path, *MACHINE, "--byte-order", "CDAB")[0] == 0
    assert 'byte_order = "CDAB"' in (tmp_path / "press-0777.conf").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("further", "name", "said"),
    [
        ((*MACHINE[:2], "--type", "lathe", *MACHINE[4:]), NAME, "there is no type 'lathe'; there are cnc_machine"),
        ((*MACHINE[:4], "--line", "hall-9"), NAME, "there is no line 'hall-9'; there are machining-a"),
        ((), "abb", "there is no profile 'abb'; there are eastron-sdm630"),
    ],
)  # fmt: skip
def test_what_the_plant_does_not_know_is_said_first(
    further: tuple[str, ...], name: str, said: str, bank: ModbusServer, tmp_path: Path
) -> None:
    code, seen = called(bank, tmp_path, *further, name=name)
    assert (code, said in seen.replace("\n", " ")) == (2, True)


def test_a_scale_of_a_value_that_is_none_lists_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["check", NAME, "192.0.2.1", "--scale", "watts=2"])
    assert "there is no value 'watts': one of voltage_l1" in capsys.readouterr().err
