"""A meter on Modbus TCP, read register by register."""

import contextlib
from collections.abc import Iterator
from typing import Final

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException

from gateway.errors import NoAnswer
from gateway.physics.finding import MeterSnapshot
from gateway.profile import MeterProfile, Quantity
from gateway.registers import decode, length

PORT: Final = 502
TIMEOUT_SECONDS: Final = 2.0
EXCEPTIONS: Final = {
    1: "it does not know that function: is the kind of register right?",
    2: "it has no such register: is it another model of meter?",
    4: "it failed to answer: is the unit right (--unit)?",
    6: "it is busy",
    11: "behind the gateway nothing answers: is the unit right (--unit)?",
}


class ModbusMeter:
    """A connection to one unit; every failure is a NoAnswer that says what it may be."""

    def __init__(self, client: ModbusTcpClient, address: str, unit: int) -> None:
        self._client = client
        self._address = address
        self._unit = unit

    def snapshot(self, profile: MeterProfile, seconds: float) -> MeterSnapshot:
        values: dict[Quantity, float] = {}
        words: dict[Quantity, tuple[int, ...]] = {}
        for quantity, register in profile.values.items():
            number = profile.number_type(quantity)
            words[quantity] = self._read(profile, quantity, register.address, length(number))
            values[quantity] = decode(words[quantity], number, profile.byte_order) * register.scale
        return MeterSnapshot(seconds, values, words)

    def _read(self, profile: MeterProfile, quantity: Quantity, address: int, count: int) -> tuple[int, ...]:
        read = self._client.read_input_registers if profile.register == "input" else self._client.read_holding_registers
        where = f"{quantity} at {profile.register} register {address}, unit {self._unit}"
        try:
            answer = read(address, count=count, device_id=self._unit)
        except ModbusException as error:
            raise NoAnswer(self._address, f"no answer for {where}: is the unit right (--unit)? ({error})") from error
        if answer.isError():
            code = getattr(answer, "exception_code", 0)
            reason = EXCEPTIONS.get(code, f"Modbus exception {code}")
            raise NoAnswer(self._address, f"{where}: {reason}")
        return tuple(answer.registers)


@contextlib.contextmanager
def connected(address: str, unit: int) -> Iterator[ModbusMeter]:
    """A connection to `HOST[:PORT]`; raises NoAnswer."""
    host, _, port = address.removeprefix("tcp://").rstrip("/").partition(":")
    if not host or (port and not port.isdigit()):
        raise NoAnswer(address, "expected HOST or HOST:PORT, such as 192.0.2.17:502")
    client = ModbusTcpClient(host, port=int(port or PORT), timeout=TIMEOUT_SECONDS, retries=1)
    try:
        if not client.connect():
            raise NoAnswer(
                address, f"nobody answers on TCP port {port or PORT}: check the address, the port and the network"
            )
        yield ModbusMeter(client, address, unit)
    finally:
        client.close()
