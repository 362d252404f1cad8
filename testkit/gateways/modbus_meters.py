"""Meters on Modbus TCP, as one server with several units whose registers a test sets."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from gateway.profile import MeterProfile, Quantity
from gateway.registers import encode
from local.site import HOST
from testkit.gateways.event_loop import event_loop

LONGER_THAN_ANYBODY_WAITS: Final = 5.0
REGISTERS: Final = 65_536

WORKING: Final[Mapping[Quantity, float]] = {
    "voltage_l1": 230.1, "voltage_l2": 229.4, "voltage_l3": 231.0,
    "current_l1": 12.0, "current_l2": 11.8, "current_l3": 12.1,
    "power_l1": 2347.0, "power_l2": 2300.9, "power_l3": 2375.8,
    "power": 7023.7, "power_factor": 0.85, "frequency": 50.01, "energy_kwh": 1180.44,
}  # fmt: skip
"""A machine at work, all values in their units."""


class ModbusServer:
    """Units and their registers."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._registers: dict[int, dict[int, int]] = {}
        self._asleep: set[int] = set()

    def set(self, unit: int, address: int, words: list[int]) -> None:
        """Set these registers, both input and holding registers."""
        self._registers.setdefault(unit, {}).update(enumerate(words, start=address))

    def show(self, unit: int, profile: MeterProfile, values: Mapping[Quantity, float] = WORKING) -> None:
        """Set the registers of a meter of that profile to these values."""
        for quantity, register in profile.values.items():
            number = profile.number_type(quantity)
            self.set(unit, register.address, encode(values[quantity] / register.scale, number, profile.byte_order))

    def sleep(self, unit: int) -> None:
        """Answer nothing in time, from now on."""
        self._asleep.add(unit)

    def wake(self, unit: int) -> None:
        self._asleep.discard(unit)

    def device(self, unit: int) -> SimDevice:
        async def fill(_code: int, start: int, _address: int, _count: int, registers: list[int], _values: Any) -> None:
            if unit in self._asleep:
                await asyncio.sleep(LONGER_THAN_ANYBODY_WAITS)
            for address, word in self._registers.get(unit, {}).items():
                registers[address - start] = word

        return SimDevice(unit, SimData(0, count=REGISTERS, datatype=DataType.REGISTERS), action=fill)


@contextmanager
def meters(port: int, units: tuple[int, ...] = (1, 2)) -> Iterator[ModbusServer]:
    """A server with these units while the context lasts."""
    made = ModbusServer(f"{HOST}:{port}")
    with event_loop() as loop:
        server = loop.run(_serving(made, port, units))
        try:
            yield made
        finally:
            loop.run(server.shutdown())


async def _serving(made: ModbusServer, port: int, units: tuple[int, ...]) -> ModbusTcpServer:
    server = ModbusTcpServer([made.device(unit) for unit in units], address=(HOST, port))
    await server.listen()
    return server
