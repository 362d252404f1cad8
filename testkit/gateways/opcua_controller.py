"""The controller of a machine as an OPC UA server: encrypted, with a user and with nodes that may turn bad."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from asyncua import Server, ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.user_managers import UserManager
from cryptography.x509.oid import ExtendedKeyUsageOID

from local.site import HOST
from testkit.gateways.event_loop import EventLoop, event_loop

USER: Final = "energytrack"
PASSWORD: Final = "not-a-secret"  # noqa: S105
NAMESPACE: Final = 3
URI: Final = "urn:energytrack:test-controller"


class SingleUserManager(UserManager):
    """Lets in only clients with the password."""

    def get_user(
        self, iserver: Any, username: str | None = None, password: str | None = None, certificate: Any = None
    ) -> User | None:
        return User(role=UserRole.User, name=username) if (username, password) == (USER, PASSWORD) else None


class Controller:
    """A server with these nodes (`ns=3;s=…`), which clients may write as well."""

    def __init__(self, loop: EventLoop, folder: Path, port: int, nodes: Mapping[str, object]) -> None:
        self.endpoint = f"opc.tcp://{HOST}:{port}"
        self._loop = loop
        self._folder = folder
        self._nodes = dict(nodes)
        self._server: Server | None = None

    def start(self, *, without: tuple[str, ...] = ()) -> None:
        """Begin to answer; nodes in `without` are missing."""
        self._loop.run(self._started(without))

    def stop(self) -> None:
        if self._server is not None:
            self._loop.run(_stopped(self._server))
            self._server = None

    def add(self, name: str) -> None:
        """Add a node that was missing."""
        assert self._server is not None
        self._loop.run(self._added(self._server, name))

    def set(self, name: str, value: object, *, status: int = ua.StatusCodes.Good) -> None:
        """Set a node's value and status."""
        self._nodes[name] = value
        self._loop.run(self._written(name, value, status))

    def get(self, name: str) -> Any:
        """A node's value now, which a client may have written."""
        return self._loop.run(self._of(name).read_value())

    async def _started(self, without: tuple[str, ...]) -> None:
        server = Server(user_manager=SingleUserManager())
        await server.init()
        server.set_endpoint(self.endpoint)
        await server.set_application_uri(URI)
        certificate, key = self._folder / "controller.der", self._folder / "controller.pem"
        await setup_self_signed_certificate(
            key, certificate, URI, HOST, [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
            {"commonName": "test controller"},
        )  # fmt: skip
        await server.load_certificate(str(certificate))
        await server.load_private_key(str(key))
        server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
        server.set_identity_tokens([ua.UserNameIdentityToken])
        for number in range(2, NAMESPACE + 1):
            await server.register_namespace(f"urn:energytrack:{number}")
        for name in self._nodes:
            if name not in without:
                await self._added(server, name)
        await server.start()
        self._server = server

    async def _added(self, server: Server, name: str) -> None:
        node = await server.nodes.objects.add_variable(
            f"ns={NAMESPACE};s={name}", f"{NAMESPACE}:{name}", self._nodes[name]
        )
        await node.set_writable()

    async def _written(self, name: str, value: object, status: int) -> None:
        node = self._of(name)
        variant = ua.Variant(value, await node.read_data_type_as_variant_type()) if value is not None else None
        now = ua.DateTime.now(UTC)
        await node.write_value(
            ua.DataValue(variant, StatusCode=ua.StatusCode(ua.UInt32(status)), SourceTimestamp=now, ServerTimestamp=now)
        )

    def _of(self, name: str) -> Any:
        assert self._server is not None
        return self._server.get_node(f"ns={NAMESPACE};s={name}")


async def _stopped(server: Server) -> None:
    """Stop a server; new clients are refused first: one that reconnects at once would keep the server from ending."""
    listening = server.bserver._server if server.bserver is not None else None
    if listening is not None:
        listening.close()
    await server.stop()


@contextmanager
def controller(folder: Path, port: int, nodes: Mapping[str, object]) -> Iterator[Controller]:
    """A controller that answers while the context lasts."""
    with event_loop() as loop:
        made = Controller(loop, folder, port, nodes)
        made.start()
        try:
            yield made
        finally:
            made.stop()
