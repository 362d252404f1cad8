"""Settings of the gateway for orders."""

import pytest

from energytrack.errors import InvalidSettings
from energytrack.security.signatures import CommandSigner
from gateway.settings import GatewaySettings
from testkit.builders.control import A_SIGNING_KEY
from testkit.builders.messages import a_command


def test_two_keys_while_one_is_replaced() -> None:
    signer = CommandSigner(A_SIGNING_KEY)
    other = CommandSigner("A" * 43)
    keys = f"{other.public_key}, {signer.public_key}"
    verifier = GatewaySettings.from_env({"ENERGYTRACK_GATEWAY_COMMAND_KEYS": keys}).verifier()
    verifier.check(signer.sign(a_command()))


def test_what_is_no_key_is_named() -> None:
    with pytest.raises(InvalidSettings, match="ENERGYTRACK_GATEWAY_COMMAND_KEYS: expected 32 bytes as base64url"):
        GatewaySettings.from_env({"ENERGYTRACK_GATEWAY_COMMAND_KEYS": "abc"})
