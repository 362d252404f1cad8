"""A Docker of our own for the trial: started by hand, with its data in a folder, ended by its id."""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testkit.stack.servers import eventually

ROOT = Path(__file__).resolve().parents[2]


class Failed(Exception):
    """A command of the engine failed; its last words are the message."""


@dataclass(frozen=True)
class Engine:
    """A running Docker."""

    socket: Path
    compose: tuple[str, ...]
    """The command that is Docker Compose, version 2."""

    def docker(self, *arguments: str, seconds: float = 120) -> str:
        """Run the client; returns what it printed."""
        return self._run(("docker", *arguments), seconds, {})

    def up(self, *arguments: str, env: dict[str, str], seconds: float = 900) -> str:
        """`docker compose` on the project's own compose.yaml."""
        return self._run((*self.compose, *arguments), seconds, env)

    def containers(self, service: str, *, env: dict[str, str]) -> list[dict[str, Any]]:
        """What the engine knows of a service's containers, those that have ended among them."""
        ids = self.up("ps", "--all", "--quiet", service, env=env).split()
        inspected: list[dict[str, Any]] = json.loads(self.docker("inspect", *ids)) if ids else []
        return inspected

    def _run(self, command: tuple[str, ...], seconds: float, env: dict[str, str]) -> str:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "DOCKER_HOST": f"unix://{self.socket}", **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        if done.returncode:
            raise Failed(f"{' '.join(command)}:\n{(done.stdout + done.stderr)[-4000:]}")
        return done.stdout


def missing() -> str | None:
    """Why no engine can be had here; None where it can."""
    if os.geteuid() != 0:
        return "only root may start a Docker by hand"
    absent = [program for program in ("dockerd", "docker", "debootstrap") if shutil.which(program) is None]
    if absent:
        return f"not installed: {', '.join(absent)} (Debian: docker.io, debootstrap)"
    return None if compose_command() else "Docker Compose 2 is not installed"


def compose_command() -> tuple[str, ...] | None:
    """How Docker Compose 2 is called here: DOCKER_COMPOSE names it, or it is the client's plugin or a program."""
    named = os.environ.get("DOCKER_COMPOSE")
    for command in ((named,),) if named else (("docker", "compose"), ("docker-compose",)):
        if shutil.which(command[0]):
            said = subprocess.run((*command, "version", "--short"), capture_output=True, text=True, check=False)
            if said.returncode == 0 and said.stdout.strip().lstrip("v").startswith("2."):
                return command
    return None


@contextlib.contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """A Docker that lives as long as the context, with everything it stores in `folder`."""
    compose = compose_command()
    if compose is None:
        raise Failed("Docker Compose 2 is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "docker.sock"
    command = (
        "dockerd",
        f"--data-root={folder / 'data'}",
        f"--exec-root={folder / 'exec'}",
        f"--pidfile={folder / 'docker.pid'}",
        f"--host=unix://{socket}",
        "--log-level=warn",
    )
    with (folder / "docker.log").open("w", encoding="utf-8") as log, subprocess.Popen(command, stderr=log) as daemon:
        try:
            yield _answering(Engine(socket, compose), daemon, folder / "docker.log")
        finally:
            daemon.terminate()
            daemon.wait(timeout=60)


def _answering(started: Engine, daemon: "subprocess.Popen[bytes]", log: Path) -> Engine:
    def answers() -> bool:
        try:
            started.docker("version", seconds=10)
        except (Failed, subprocess.TimeoutExpired):
            said = f"dockerd does not answer:\n{log.read_text(encoding='utf-8')[-2000:]}"
            if daemon.poll() is not None:
                raise Failed(said) from None
            raise AssertionError(said) from None
        return True

    eventually(answers, 60, pause=0.2)
    return started
