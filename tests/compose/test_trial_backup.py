"""A backup that containers make while the plant works, and its restoring on a new computer, as docs/backup.md says."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from testkit.stack.servers import eventually
from tests.compose.conftest import ComposeStack
from tests.compose.test_trial import is_
from tests.compose.test_trial_gateways import ask_api

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

KEY = "/backups/key"
NEW = {"COMPOSE_PROJECT_NAME": "energytrack-new", "HTTP_PORT": "18181", "HTTPS_PORT": "18444"}
"""Containers, networks and volumes of their own are another computer."""


def test_a_plant_goes_on_from_its_backup_on_a_new_computer(stack: ComposeStack, tmp_path: Path) -> None:
    old = replace(stack, env={**stack.env, "BACKUP_DIR": str(tmp_path)})
    public = old.compose("run", "--rm", "backup", "key", KEY).split()[-1]
    old = replace(old, env={**old.env, "BACKUP_RECIPIENTS": public})
    token = old.compose(
        "exec", "-T", "control-api", "python", "-m", "control_api", "tokens", "create", "--name", "kept", "--role",
        "Viewer",
    ).split()[-1]  # fmt: skip
    eventually(lambda: len(ask_api(old, token, "devices?limit=1000")["devices"]) == 60, 120, pause=1)
    old.compose("run", "--rm", "backup")
    (file,) = tmp_path.glob("energytrack-*.age")
    given = (f"/backups/{file.name}", "--key", KEY)
    assert "Whole:" in old.compose("run", "--rm", "backup", "check", *given)
    new = replace(old, env={**old.env, **NEW})
    try:
        new.compose("run", "--rm", "--no-deps", "restore", *given, "--only", "files")
        new.compose("up", "--detach", "--no-build", "--pull", "never", "--wait", "mongo")
        new.compose("run", "--rm", "restore", *given, "--only", "database")
        new.compose("up", "--detach", "--no-build", "--pull", "never", "control-api", "historian", "simulator")
        for service in ("control-api", "historian", "simulator"):
            eventually(partial(is_, new, service, "healthy"), 300, pause=1)
        machines = ask_api(new, token, "devices?limit=1000")["devices"]
        assert len(machines) == 60
        assert passwords(new) == passwords(old)
        assert audit(new) == audit(old)
        assert (tmp_path / "plant" / "plant.toml").exists()
    finally:
        new.compose("--profile", "backup", "down", "--volumes", "--remove-orphans", "--timeout", "20")


def passwords(plant: ComposeStack) -> str:
    """What people sign in with."""
    return plant.compose("run", "--rm", "secrets", "show")


def audit(plant: ComposeStack) -> str:
    """Number and hash of the last entry of each chain, verified."""
    return plant.compose("exec", "-T", "control-api", "python", "-m", "control_api", "audit", "verify")
