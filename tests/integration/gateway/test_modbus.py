"""A meter on real Modbus TCP: its values, and what is said where it cannot be read."""

from collections.abc import Iterator

import pytest

from gateway.errors import NoAnswer
from gateway.meter import watch
from gateway.modbus import connected
from gateway.profile import load, names
from testkit.gateways.meter_values import at_work
from testkit.gateways.modbus_meters import ModbusServer, meters
from testkit.stack.servers import free_ports

PROFILE = load("eastron-sdm630")


@pytest.fixture(scope="module")
def bank() -> Iterator[ModbusServer]:
    with meters(free_ports().caddy, (1, 7)) as running:
        yield running


@pytest.mark.parametrize("name", names())
def test_every_profile_reads_what_its_meter_shows(name: str, bank: ModbusServer) -> None:
    profile = load(name)
    bank.show(7, profile, at_work())
    with connected(bank.address, 7) as meter:
        first, second = watch(meter, profile, 0.0, interval=0.01)
    for quantity in profile.values:
        assert second.values[quantity] == pytest.approx(at_work()[quantity], rel=1e-5, abs=1e-3)
    assert second.seconds > first.seconds == 0.0


def test_an_address_is_checked() -> None:
    with pytest.raises(NoAnswer, match="expected HOST or HOST:PORT"), connected(":502", 1):
        pass


def test_nobody_at_the_address() -> None:
    port = free_ports().caddy
    with (
        pytest.raises(NoAnswer, match=f"nobody answers on TCP port {port}: check the address"),
        connected(f"127.0.0.1:{port}", 1),
    ):
        pass


def test_a_unit_that_does_not_answer(bank: ModbusServer) -> None:
    bank.sleep(7)
    with connected(bank.address, 7) as meter, pytest.raises(NoAnswer, match=r"unit 7: is the unit right \(--unit\)"):
        meter.snapshot(PROFILE, 0.0)
    bank.wake(7)
