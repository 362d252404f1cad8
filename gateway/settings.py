"""Settings of the gateway for orders."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from energytrack.errors import InvalidSettings
from energytrack.security.signatures import CommandVerifier
from energytrack.settings import Block


class GatewaySettings(Block):
    """The gateway that carries out orders on real machines."""

    prefix: ClassVar[str] = "ENERGYTRACK_GATEWAY_"

    orders_file: Path = Field(
        Path("deploy/gateway/orders.toml"), description="The machines that obey, and what may be written to which node"
    )
    state_folder: Path = Field(
        Path("var/gateway"), description="Folder of the journal of orders and of the gateway's certificate"
    )
    poll_seconds: float = Field(
        0.5, gt=0, le=60, description="Seconds between two checks of a machine that carries out an order"
    )
    command_keys: SecretStr | None = Field(
        None,
        description="Public keys of the control API (`./et control_api public-key`), comma separated. Required: the "
        "gateway obeys signed orders only. They are not secret, but may be in a file, like a secret",
    )

    @field_validator("command_keys")
    @classmethod
    def _are_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            CommandVerifier.of(value.get_secret_value())
        return value

    def verifier(self) -> CommandVerifier:
        """Verifies orders; raises InvalidSettings if there are no keys."""
        if self.command_keys is None:
            name = self.variable("command_keys")
            raise InvalidSettings((f"{name}: expected the public key of the control API (control_api public-key)",))
        return CommandVerifier.of(self.command_keys.get_secret_value())
