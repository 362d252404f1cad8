"""A machine's controls: what an order may read and write."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from asyncua import Client, ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.errors import NoAnswer
from gateway.orders.allowed import ControlledMachine, NodeWrite
from gateway.orders.rules import ObservedState

APPLICATION: Final = "urn:energytrack:gateway"
TIMEOUT_SECONDS: Final = 4.0
FAILURES: Final = (OSError, ua.UaError, TimeoutError)
"""What asyncua raises where a server is away, refuses, or answers nonsense."""


class Controls(Protocol):
    """A connection to one machine that reads its state and writes values."""

    async def look(self) -> ObservedState: ...

    async def write(self, write: NodeWrite) -> None: ...


Connect = Callable[[ControlledMachine], AbstractAsyncContextManager[Controls]]


class OpcUaControls:
    """A connected OPC UA server; its errors are NoAnswer."""

    def __init__(self, client: Client, machine: ControlledMachine) -> None:
        self._client = client
        self._machine = machine

    async def look(self) -> ObservedState:
        try:
            released = await self._released()
            value = await self._read(self._machine.state.node)
        except ua.UaStatusCodeError as error:
            return ObservedState(None, released=False, problem=f"its state cannot be read: {type(error).__name__}")
        except FAILURES as error:
            raise NoAnswer(self._machine.endpoint, _words(error)) from error
        state = self._machine.state.means.get(str(value))
        problem = "" if state else f"its state is {value!r}, and the gateway's list does not say what that means"
        return ObservedState(state, released, problem)

    async def write(self, write: NodeWrite) -> None:
        try:
            node = self._client.get_node(write.node)
            kind = await node.read_data_type_as_variant_type()
            # Without timestamps: most controllers refuse values that bring their own.
            await node.write_value(ua.DataValue(ua.Variant(write.value, kind)))
        except FAILURES as error:
            raise NoAnswer(self._machine.endpoint, f"{write.node} cannot be written: {_words(error)}") from error

    async def _released(self) -> bool:
        switch = self._machine.released
        return switch is None or bool(await self._read(switch.node) == switch.value)

    async def _read(self, node: str) -> Any:
        return await self._client.get_node(node).read_value()  # a status that is not good is an error


def opc_ua(folder: Path) -> Connect:
    """Connects to machines; the gateway's own certificate is created in `folder` the first time."""

    @asynccontextmanager
    async def connect(machine: ControlledMachine) -> AsyncIterator[Controls]:
        client = Client(machine.endpoint, timeout=TIMEOUT_SECONDS)
        client.application_uri = APPLICATION
        try:
            if machine.username:
                client.set_user(machine.username)
                client.set_password(Path(machine.password_file).read_text(encoding="utf-8").strip())
            if machine.encrypted:
                certificate, key = await own_certificate(folder)
                await client.set_security(SecurityPolicyBasic256Sha256, str(certificate), str(key))
            await client.connect()
        except FAILURES as error:
            raise NoAnswer(machine.endpoint, _words(error)) from error
        try:
            yield OpcUaControls(client, machine)
        finally:
            await _left(client)

    return connect


async def own_certificate(folder: Path) -> tuple[Path, Path]:
    """The certificate that the machine's controller has to trust, and its key."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "gateway.der", folder / "gateway.pem"
    if not certificate.exists():
        await setup_self_signed_certificate(
            key, certificate, APPLICATION, "energytrack-gateway", [ExtendedKeyUsageOID.CLIENT_AUTH],
            {"commonName": "Energy Track gateway"},
        )  # fmt: skip
        key.chmod(0o600)
    return certificate, key


async def _left(client: Client) -> None:
    try:
        await client.disconnect()
    except FAILURES:
        return  # it is gone already


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_SECONDS:g} s"
    return str(error) or type(error).__name__
