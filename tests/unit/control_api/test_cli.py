import pytest

from control_api.cli import parse_arguments, run
from energytrack.security.signatures import CommandSigner
from testkit.builders.control import A_SIGNING_KEY


def test_no_argument_means_serve() -> None:
    assert parse_arguments([]).verb is None
    assert parse_arguments(["serve"]).verb == "serve"


def test_a_token_is_valid_for_90_days_unless_said_otherwise() -> None:
    arguments = parse_arguments(["tokens", "create", "--name", "gateway", "--role", "Editor"])
    assert (arguments.tokens_verb, arguments.name, arguments.role, arguments.days) == (
        "create",
        "gateway",
        "Editor",
        90,
    )


def test_a_role_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["tokens", "create", "--name", "gateway", "--role", "Root"])
    assert "Viewer" in capsys.readouterr().err


def test_the_public_key_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    env = {"ENERGYTRACK_CONTROL_API_COMMAND_SIGNING_KEY": A_SIGNING_KEY}
    assert run(parse_arguments(["public-key"]), env) == 0
    assert capsys.readouterr().out == CommandSigner(A_SIGNING_KEY).public_key + "\n"


def test_without_a_key_it_says_which_setting_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parse_arguments(["public-key"]), {}) == 1
    assert "ENERGYTRACK_CONTROL_API_COMMAND_SIGNING_KEY" in capsys.readouterr().err
