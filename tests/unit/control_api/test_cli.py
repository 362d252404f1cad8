import pytest

from control_api.cli import parse_arguments


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
