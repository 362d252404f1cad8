"""Commands that the control API signed, and those that somebody else made or changed."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from energytrack.decoding.parsing import parse_command
from energytrack.errors import NotSigned
from energytrack.messages import encode
from energytrack.security.signatures import SIGNED_FIELDS, CommandSigner, CommandVerifier, signed_text
from testkit.builders.control import A_SIGNING_KEY
from testkit.builders.messages import NOW, a_command

# The public key of the same test vector.
PUBLIC = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
OTHER = "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs"


@pytest.fixture
def signer() -> CommandSigner:
    return CommandSigner(A_SIGNING_KEY)


def test_the_public_key_is_the_one_of_the_standard(signer: CommandSigner) -> None:
    assert signer.public_key == PUBLIC


def test_a_signed_command_is_believed_after_its_way_over_kafka(signer: CommandSigner) -> None:
    arrived = parse_command(encode(signer.sign(a_command(reason="Überhitzt\nseit 10:00"))), NOW)
    CommandVerifier([PUBLIC]).check(arrived)


def test_what_is_signed_is_what_stands_in_the_message() -> None:
    message = msgspec.json.decode(encode(a_command()))
    assert signed_text(a_command()).decode().split("\n") == [
        "energytrack-command-1",
        *(message[field] for field in SIGNED_FIELDS),
    ]


def test_every_field_is_signed() -> None:
    assert {*SIGNED_FIELDS, "signature"} == set(a_command().__struct_fields__)


@pytest.mark.parametrize(
    "changed",
    [
        {"device_id": "cnc-0008"},
        {"action": "restart"},
        {"command_id": "02CMD"},
        {"expires_at": NOW + timedelta(hours=1)},
        {"requested_by": "grafana:mallory"},
        {"reason": "because"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_changed_command_is_not_believed(signer: CommandSigner, changed: dict[str, object]) -> None:
    with pytest.raises(NotSigned, match="changed on the way"):
        CommandVerifier([PUBLIC]).check(replace(signer.sign(a_command()), **changed))


def test_somebody_elses_signature_is_not_believed() -> None:
    with pytest.raises(NotSigned, match="not the control API's"):
        CommandVerifier([PUBLIC]).check(CommandSigner(OTHER).sign(a_command()))


@pytest.mark.parametrize(("signature", "why"), [(None, "no signature"), ("a", "base64url"), ("AAAA", "not the")])
def test_what_is_no_signature_is_named(signature: str | None, why: str) -> None:
    with pytest.raises(NotSigned, match=why):
        CommandVerifier([PUBLIC]).check(a_command(signature=signature))


def test_two_keys_are_believed_while_one_replaces_the_other(signer: CommandSigner) -> None:
    both = CommandVerifier([CommandSigner(OTHER).public_key, PUBLIC])
    both.check(signer.sign(a_command()))
    both.check(CommandSigner(OTHER).sign(a_command()))


def test_no_key_believes_nobody(signer: CommandSigner) -> None:
    with pytest.raises(NotSigned):
        CommandVerifier([]).check(signer.sign(a_command()))


@pytest.mark.parametrize(("key", "why"), [("dull", "got 3"), ("not a key!", "other characters"), ("", "got 0")])
def test_what_is_no_key_is_named(key: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        CommandSigner(key)
    with pytest.raises(ValueError, match=why):
        CommandVerifier([key])
