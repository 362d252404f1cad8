"""`./et` runs what the documentation prints, and says what to do where it cannot."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from tools.docs.__main__ import ROOT

KEY: Final = "ENERGYTRACK_ML_SIGNING_KEY"
ORDERS: Final = "ENERGYTRACK_CONTROL_API_COMMAND_SIGNING_KEY"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout, in a folder whose name has a space: the launcher, and no environment yet."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    shutil.copy(ROOT / "et", folder)
    return folder


def prepared(checkout: Path) -> Path:
    """The checkout after `make demo`: an environment, and commands that tell what they were given."""
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / "ml").mkdir()
    keys = ", ".join(f"os.environ.get('{key}_FILE')" for key in (KEY, ORDERS))
    script = f"import os, sys; print(sys.argv[1:], os.getcwd(), {keys})"
    for command in ("local.py", "control_api.py", "ml/retrain.py"):
        (checkout / command).write_text(script)
    return checkout


def run(
    checkout: Path, *arguments: str, cwd: Path | None = None, variables: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(KEY)} | dict(variables)
    command = [str(checkout / "et"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd or checkout, env=environment, check=False)


def test_without_an_environment_it_says_what_to_run(checkout: Path) -> None:
    ended = run(checkout, "local", "status")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "make demo" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_a_command_it_lists_some(checkout: Path) -> None:
    ended = run(checkout)
    assert ended.returncode == 2
    assert "./et local status" in ended.stderr


def test_arguments_arrive_as_they_were_given(checkout: Path) -> None:
    ended = run(prepared(checkout), "local", "logs", "two words", "*")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("['logs', 'two words', '*']")


def test_it_runs_in_its_own_folder_wherever_it_is_called_from(checkout: Path, tmp_path: Path) -> None:
    assert str(checkout) in run(prepared(checkout), "local", cwd=tmp_path).stdout


def test_an_exit_code_is_passed_on(checkout: Path) -> None:
    assert run(prepared(checkout), "no_such_command").returncode == 1


class TestTheSigningKeyOfTheStack:
    """Models on this machine are signed with a key that the stack keeps in `var/secrets`."""

    @pytest.fixture
    def stack(self, checkout: Path) -> Path:
        secrets = prepared(checkout) / "var" / "secrets"
        secrets.mkdir(parents=True)
        (secrets / "ml_signing_key").write_text("key")
        return checkout

    def test_commands_about_models_find_it(self, stack: Path) -> None:
        assert run(stack, "ml.retrain", "list").stdout.strip().endswith("/var/secrets/ml_signing_key None")

    def test_a_key_in_the_environment_comes_first(self, stack: Path) -> None:
        assert run(stack, "ml.retrain", "list", variables={KEY: "another"}).stdout.strip().endswith("None")
        assert (
            run(stack, "ml.retrain", "list", variables={f"{KEY}_FILE": "/mine"}).stdout.strip().endswith("/mine None")
        )

    def test_other_commands_get_no_advice(self, stack: Path) -> None:
        assert run(stack, "local", "status").stdout.strip().endswith("None")

    def test_the_key_of_orders_is_for_commands_of_the_control_api(self, stack: Path) -> None:
        (stack / "var" / "secrets" / "control_api_command_signing_key").write_text("key")
        assert run(stack, "control_api", "public-key").stdout.strip().endswith("/control_api_command_signing_key")
        assert run(stack, "local", "status").stdout.strip().endswith("None")

    def test_without_a_stack_there_is_none(self, checkout: Path) -> None:
        assert run(prepared(checkout), "ml.retrain", "list").stdout.strip().endswith("None")


class TestTheDatabaseOfTheStack:
    """Its address is a file as long as it has a password; every command but those of the stack itself gets it."""

    NAMED: Final = {"ENERGYTRACK_MONGO_URI": "", "ENERGYTRACK_MONGO_URI_FILE": ""}

    @pytest.fixture
    def stack(self, checkout: Path) -> Path:
        secrets = prepared(checkout) / "var" / "secrets"
        secrets.mkdir(parents=True)
        (secrets / "mongo_uri").write_text("mongodb://energytrack:password@127.0.0.1:27017")
        for command in ("local.py", "control_api.py"):
            (checkout / command).write_text("import os; print(os.environ.get('ENERGYTRACK_MONGO_URI_FILE'))")
        return checkout

    def test_commands_find_it(self, stack: Path) -> None:
        said = run(stack, "control_api", "tokens", variables=self.NAMED).stdout.strip()
        assert said == str(stack / "var" / "secrets" / "mongo_uri")

    def test_the_stack_knows_it_by_itself(self, stack: Path) -> None:
        assert run(stack, "local", "up", variables=self.NAMED).stdout.strip() == ""

    def test_an_address_in_the_environment_comes_first(self, stack: Path) -> None:
        another = self.NAMED | {"ENERGYTRACK_MONGO_URI": "mongodb://db.plant.example"}
        assert run(stack, "control_api", "tokens", variables=another).stdout.strip() == ""

    def test_without_a_password_there_is_no_file(self, stack: Path) -> None:
        (stack / "var" / "secrets" / "mongo_uri").unlink()
        assert run(stack, "control_api", "tokens", variables=self.NAMED).stdout.strip() == ""
