"""The whole of compose.yaml, brought up once for all trials of it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.compose.engine import ROOT, Engine, engine, missing
from tests.compose.images import make_all

WANTED = "ENERGYTRACK_TRIAL"


@dataclass(frozen=True)
class ComposeStack:
    """The running stack."""

    engine: Engine
    env: dict[str, str]
    url: str

    def compose(self, *arguments: str) -> str:
        """`docker compose …`."""
        return self.engine.up(*arguments, env=self.env)

    def containers(self, service: str) -> list[dict[str, Any]]:
        """What the engine knows of a service's containers."""
        return self.engine.containers(service, env=self.env)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeStack]:
    if WANTED not in os.environ:
        pytest.skip("containers are tried by `make test-compose`: it takes root, Docker and some minutes")
    reason = missing()
    if reason:
        pytest.skip(reason)
    folder = Path(os.environ.get("ENERGYTRACK_TRIAL_FOLDER", ROOT / "var" / "trial"))
    env = {"HTTP_PORT": "18080", "HTTPS_PORT": "18443", "PUBLIC_URL": "http://localhost:18080", "DEVICES": "60"}
    with engine(folder / "docker") as running:
        make_all(running, folder)
        stack = ComposeStack(running, env, env["PUBLIC_URL"])
        try:
            stack.compose("up", "--detach", "--no-build", "--pull", "never")
            yield stack
        finally:
            (folder / "last.log").write_text(stack.compose("logs", "--no-color"), encoding="utf-8")
            stack.compose("--profile", "gateway", "down", "--volumes", "--remove-orphans", "--timeout", "20")
