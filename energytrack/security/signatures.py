"""Signed commands: a machine obeys only the control API, not others who may write to Kafka.

Ed25519: the control API has the private key; gateways need the public one, which is no secret. Both are 32 bytes as
base64url without padding.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec.structs import replace

from energytrack.errors import NotSigned
from energytrack.messages import Command, encode

FORM: Final = "energytrack-command-1"
"""The first line of the signed text; a different form would begin with a different word."""
SIGNED_FIELDS: Final = ("command_id", "device_id", "action", "requested_at", "expires_at", "requested_by", "reason")
"""The signed fields, in this order, each as in the message. `reason` is last: it alone may have line breaks."""


def signed_text(command: Command) -> bytes:
    """The bytes that are signed: the form and the fields, a line each, UTF-8."""
    fields = msgspec.json.decode(encode(command))
    return "\n".join([FORM, *(fields[name] for name in SIGNED_FIELDS)]).encode()


class CommandSigner:
    """Signs commands with a private key; raises ValueError if the text is not a key."""

    def __init__(self, key: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(_bytes(key))

    def sign(self, command: Command) -> Command:
        """The same command with its signature."""
        return replace(command, signature=_text(self._key.sign(signed_text(command))))

    @property
    def public_key(self) -> str:
        """The public key, with which gateways check signatures."""
        return _text(self._key.public_key().public_bytes_raw())


class CommandVerifier:
    """Checks signatures with public keys: one, or two while a key is replaced. Raises ValueError for an invalid key."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = [Ed25519PublicKey.from_public_bytes(_bytes(key)) for key in keys]

    @classmethod
    def of(cls, listed: str) -> "CommandVerifier":
        """A verifier with the keys of a comma-separated list."""
        return cls(key for key in listed.split(",") if key.strip())

    def check(self, command: Command) -> None:
        """Raises NotSigned unless one of the keys has signed this command as it is."""
        if command.signature is None:
            raise NotSigned("it has no signature")
        try:
            signature = base64.urlsafe_b64decode(_padded(command.signature))
        except (binascii.Error, ValueError) as error:
            raise NotSigned("its signature is not base64url") from error
        text = signed_text(command)
        if not any(_has_signed(key, signature, text) for key in self._keys):
            raise NotSigned("its signature is not the control API's, or it was changed on the way")


def _has_signed(key: Ed25519PublicKey, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _bytes(key: str) -> bytes:
    try:
        raw = base64.b64decode(_padded(key.strip()), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("expected 32 bytes as base64url, got other characters") from error
    if len(raw) != 32:
        raise ValueError(f"expected 32 bytes as base64url, got {len(raw)}")
    return raw


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
