"""Meters on Modbus TCP: what `gateway check` writes is what the real Telegraf reads."""

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from energytrack.messages import Reading
from gateway.__main__ import check_meter, parser
from gateway.profile import MeterProfile, load, names
from gateway.registers import encode
from local.site import ROOT, Site
from testkit.gateways.meter_values import at_work
from testkit.gateways.modbus_meters import ModbusServer, meters
from testkit.gateways.telegraf import example, gateway
from tests.gateways.conftest import Arriving

UNITS = {name: 11 + i for i, name in enumerate(names())}
EXAMPLE_UNITS = (1, 2)


@pytest.fixture(scope="module")
def bank(site: Site) -> Iterator[ModbusServer]:
    with meters(site.ports.caddy, (*EXAMPLE_UNITS, *UNITS.values())) as running:
        for name, unit in UNITS.items():
            running.show(unit, load(name), at_work())
        running.set(1, 0, [420])
        running.set(1, 20, encode(11804, "UINT32", "ABCD"))
        running.set(2, 0, [614, 61, 350])
        yield running


@contextmanager
def counting(bank: ModbusServer, unit: int, profile: MeterProfile) -> Iterator[None]:
    """A meter whose register rises while the context lasts."""
    stop, begun, values = threading.Event(), time.monotonic(), at_work(amperes=12.0)

    def count() -> None:
        while not stop.wait(0.02):
            used = values["power"] * (time.monotonic() - begun) / 3.6e6
            bank.show(unit, profile, {**values, "energy_kwh": values["energy_kwh"] + used})

    thread = threading.Thread(target=count)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="module")
def written(bank: ModbusServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of all profiles, as the command writes them after a check."""
    folder = tmp_path_factory.mktemp("written")
    for number, (name, unit) in enumerate(UNITS.items(), start=1):
        with counting(bank, unit, load(name)):
            console = Console(record=True, width=160, file=sys.stderr)
            arguments = parser().parse_args(
                ["check", name, bank.address, "--unit", str(unit), "--seconds", "3",
                 "--device-id", f"press-000{number}", "--type", "press", "--line", "press-shop", "--write", str(folder)]
            )  # fmt: skip
            assert check_meter({"ENERGYTRACK_PLANT_FILE": str(ROOT / "plant.toml")}, arguments, console) == 0
        assert f'device_id = "press-000{number}"' in console.export_text()
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.conf")}


@pytest.fixture(scope="module", autouse=True)
def running_gateway(
    site: Site, bank: ModbusServer, written: Mapping[str, str], kafka_env: Mapping[str, str]
) -> Iterator[None]:
    own = example("modbus", **{"press-0003.plant.example:502": bank.address, "press-0003": "press-0099"})
    with gateway(site, {**written, "own.conf": own}, env=kafka_env) as child:
        yield
        child.check_alive()


@pytest.mark.parametrize("number", range(1, len(UNITS) + 1))
def test_a_profile_is_read_as_it_was_checked(number: int, arriving: Arriving) -> None:
    right = at_work()
    reading = arriving.first(lambda reading: reading.energy_kwh is not None, device=f"press-000{number}")
    assert (reading.device_type, reading.line) == ("press", "press-shop")
    assert reading.current == pytest.approx(right["current_l1"], rel=1e-4)
    assert reading.signals["power_kw"] == pytest.approx(right["power"] / 1000, rel=1e-4)
    assert reading.energy_kwh == pytest.approx(right["energy_kwh"], abs=0.5)
    assert arriving.problems == []


def test_the_example_combines_a_meter_and_a_transmitter(arriving: Arriving) -> None:
    reading = arriving.first(lambda r: r.temperature is not None and r.current is not None, device="press-0099")
    assert (reading.current, reading.energy_kwh, reading.temperature) == pytest.approx((4.2, 1180.4, 61.4))
    assert reading.signals == {"vibration": pytest.approx(0.35)}


def test_a_unit_that_does_not_answer_takes_nothing_else_along(bank: ModbusServer, arriving: Arriving) -> None:
    """Its values are unknown after 10 s, as plant.toml says; the other unit's go on; then all are back."""
    bank.sleep(2)

    def only_the_meter(reading: Reading) -> bool:
        return reading.temperature is None and reading.current is not None

    reading = arriving.first(only_the_meter, device="press-0099")
    assert reading.current == pytest.approx(4.2)
    assert reading.pressure is None
    bank.wake(2)
    assert arriving.first(lambda r: r.temperature is not None, device="press-0099").temperature == pytest.approx(61.4)


def test_a_wrong_meter_is_not_written(bank: ModbusServer, arriving: Arriving, tmp_path: Path) -> None:
    name, unit = next(iter(UNITS.items()))
    bank.show(unit, load(name), at_work(reversed_="l2"))
    console = Console(record=True, width=160, file=sys.stderr)
    arguments = parser().parse_args(
        ["check", name, bank.address, "--unit", str(unit), "--seconds", "1", "--device-id", "press-0001",
         "--type", "press", "--line", "press-shop", "--write", str(tmp_path)]
    )  # fmt: skip
    assert check_meter({"ENERGYTRACK_PLANT_FILE": str(ROOT / "plant.toml")}, arguments, console) == 1
    assert "turn the current transformer of L2 around" in console.export_text()
    assert list(tmp_path.iterdir()) == []
    right = pytest.approx(at_work()["power"] / 1000, rel=1e-4)
    arriving.first(lambda reading: reading.signals.get("power_kw") != right, device="press-0001")
    bank.show(unit, load(name), at_work())
    arriving.first(lambda reading: reading.signals.get("power_kw") == right, device="press-0001")
