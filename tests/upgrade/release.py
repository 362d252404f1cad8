"""The last release as it was tagged: its files beside this checkout, run by this checkout's environment."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from local.services.access import password_file
from local.services.definition import HttpAnswers, ServiceDefinition
from local.services.kafka import resolve_jars
from local.services.pipeline import shared_env
from local.services.secrets import ML_SIGNING_KEY, secret_env
from local.site import ROOT, Site
from testkit.stack.servers import started

COMMIT: Final = "2ad80cf"
"""Release 0.1.0."""
FIRST_MODEL: Final = """
import os
from datetime import timedelta

from energytrack.clock import SystemClock
from energytrack.plant import load_plant
from local.keys import ML_SIGNING_KEY, secret_env
from local.pipeline import model_file
from local.wishes import Wishes, site_of
from ml.models import Recipe, Size
from ml.train_model import train_on
from simulator.factory import Factory
from simulator.history import history
from simulator.rates import Rates

site, clock = site_of(Wishes(), os.environ), SystemClock()
factory = Factory(load_plant(site.root / "plant.toml", devices=20), seed=11, rates=Rates(onset_speed=8))
past = history(factory, until=clock.now() - timedelta(days=1), days=12)
file = model_file(site)
file.parent.mkdir(parents=True)
key = secret_env(site, [ML_SIGNING_KEY])[ML_SIGNING_KEY]
train_on(past, file, key=key, budget=1.0, clock=clock, rows=15_000, recipe=Recipe(size=Size(trees=20)))
"""
"""Trains a model as 0.1.0 does, on a shorter history and with fewer trees."""


def why_missing() -> str:
    """Why the last release cannot be had here, as a sentence; empty if it can."""
    try:
        found = _git("cat-file", "-e", f"{COMMIT}^{{commit}}")
    except FileNotFoundError:
        return "the last release comes from git, which is not installed"
    return (
        f"release 0.1.0 ({COMMIT}) is not in this clone; `git fetch --unshallow` brings it" if found.returncode else ""
    )


def unpack(folder: Path) -> Path:
    """A copy of the last release's files; it takes the broker's jars from this checkout."""
    folder.mkdir()
    archive = _git("archive", "--format=tar", COMMIT)
    assert archive.returncode == 0, archive.stderr
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    resolve_jars(Site())
    (folder / "var").mkdir()
    (folder / "var" / "cache").symlink_to(Site().cache)
    return folder


def train_first_model(release: Path, env: Mapping[str, str]) -> None:
    """A model made by the last release, small, at the place where its stack looks for it."""
    subprocess.run(
        [sys.executable, "-c", FIRST_MODEL], cwd=release, env={**env, "OMP_NUM_THREADS": "1"}, check=True, timeout=600
    )


def create_token(release: Path, env: Mapping[str, str], mongo_uri: str) -> str:
    """A token of an administrator, made by the last release's command."""
    command = [sys.executable, "-m", "control_api", "tokens", "create", "--name", "script", "--role", "Admin"]
    done = subprocess.run(
        command, cwd=release, env={**env, "ENERGYTRACK_MONGO_URI": mongo_uri}, check=True, capture_output=True,
        text=True, timeout=120,
    )  # fmt: skip
    return done.stdout.strip()


@contextmanager
def started_beside(release: Path, site: Site, name: str) -> Iterator[str]:
    """A service of the last release beside the stack of this one, as its own user of Kafka; the address of its page."""
    module = {"ml-consumer": "ml.ml_consumer"}.get(name, name)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    env = {
        **shared_env(site), **secret_env(site, [ML_SIGNING_KEY]),
        "ENERGYTRACK_KAFKA_USERNAME": name,
        "ENERGYTRACK_KAFKA_PASSWORD": password_file(site, name).read_text(encoding="utf-8").strip(),
        "ENERGYTRACK_PLANT_FILE": str(release / "plant.toml"),
        "ENERGYTRACK_METRICS_PORT": str(port),
    }  # fmt: skip
    service = ServiceDefinition(
        name=f"{name}-0.1.0", purpose="of the last release",
        command=("env", "-C", str(release), sys.executable, "-m", module),
        ready=HttpAnswers(f"http://127.0.0.1:{port}/healthz"), ports=(), env=env,
    )  # fmt: skip
    with started(service, site):
        yield f"http://127.0.0.1:{port}/metrics"


def metrics(page: str) -> dict[str, float]:
    """How many messages it received, emitted and rejected so far."""
    text = httpx.get(page, timeout=30).text
    return {
        kind: sum(
            float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith(f"energytrack_pipeline_{kind}_total{{")
        )
        for kind in ("received", "emitted", "rejected")
    }


def _git(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
