"""The real Telegraf with the plugins that our examples use: built once, by Go, and then taken from the cache."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local.lifecycle.child import Child
from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import ROOT, Site
from testkit.stack.servers import started

VERSION: Final = "1.37.2"
"""The version of compose.yaml."""
PLUGINS: Final = (
    "aggregators.merge",
    "inputs.http",
    "inputs.modbus",
    "inputs.mqtt_consumer",
    "inputs.opcua",
    "outputs.health",
    "outputs.kafka",
    "parsers.json_v2",
    "parsers.value",
    "parsers.xpath",
    "processors.enum",
    "processors.starlark",
    "secretstores.docker",
    "serializers.json",
)
"""Telegraf's build tags, so that 35 MB are built instead of 300."""
WANTED: Final = "ENERGYTRACK_GATEWAYS"
"""With this variable, tests build what is not in the cache."""
CONFIGURATION: Final = ROOT / "deploy" / "telegraf" / "telegraf.conf"
ARGUMENTS: Final = ("--strict-env-handling",)
"""Its arguments in compose.yaml, besides the files."""
BUILD_SECONDS: Final = 1800


CACHE: Final = Site().cache


def program(cache: Path = CACHE) -> Path:
    """The path of the program, built or not."""
    digest = hashlib.sha256(" ".join(PLUGINS).encode()).hexdigest()[:12]
    return cache / f"telegraf-{VERSION}-{digest}"


def why_missing(cache: Path = CACHE) -> str:
    """Why there is no program, and how to get it; empty if there is one, or one was built now."""
    if program(cache).exists():
        return ""
    if WANTED not in os.environ:
        return "gateways are tried by `make test-gateways`: it builds Telegraf, which takes Go and some minutes, once"
    if shutil.which("go") is None:
        return "Telegraf is built by Go 1.25 or newer, which is not installed"
    return build(program(cache))


def build(into: Path) -> str:
    """Build it; returns why that failed, or an empty text."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent) as folder:
        done = subprocess.run(
            ["go", "install", "-trimpath", "-ldflags=-s -w", f"-tags=custom,{','.join(PLUGINS)}",
             f"github.com/influxdata/telegraf/cmd/telegraf@v{VERSION}"],
            env={**os.environ, "GOBIN": folder, "GOFLAGS": "", "CGO_ENABLED": "0"},
            capture_output=True, text=True, check=False, timeout=BUILD_SECONDS,
        )  # fmt: skip
        if done.returncode:
            return f"Go could not build Telegraf:\n{done.stderr.strip()[-1000:]}"
        (Path(folder) / "telegraf").replace(into)
    return ""


def example(name: str, **replaced: str) -> str:
    """An example as a user adapts it: each key is replaced by its value."""
    text = (CONFIGURATION.parent / "examples" / f"{name}.conf").read_text(encoding="utf-8")
    return adapted(text, replaced)


def adapted(text: str, replaced: Mapping[str, str]) -> str:
    """The text with each key replaced by its value; each key must occur."""
    for before, after in replaced.items():
        assert before in text, f"{before} is not in the example"
        text = text.replace(before, after)
    return text


@contextmanager
def gateway(
    site: Site, machines: Mapping[str, str], *, env: Mapping[str, str], secrets: Mapping[str, str] | None = None
) -> Iterator[Child]:
    """Telegraf with our configuration and these files of machines, as Compose starts it.

    It signs in to Kafka if `env` names a user, whose password is the secret `kafka_password`.
    """
    folder = site.var / "machines"
    (folder / "secrets").mkdir(parents=True, exist_ok=True)
    for name, text in machines.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, text in {"kafka_password": "not asked for", **(secrets or {})}.items():
        (folder / "secrets" / name).write_text(text, encoding="utf-8")
    health = site.address(site.ports.replay)
    service = ServiceDefinition(
        name="telegraf",
        purpose="reads machines",
        command=(
            str(program()),
            *ARGUMENTS,
            "--config",
            str(CONFIGURATION),
            "--config-directory",
            str(folder),
        ),
        ready=HttpAnswers(f"http://{health}"),
        ports=("replay",),
        env={
            **env,
            "GATEWAY_MACHINES": str(folder),
            "GATEWAY_SECRETS": str(folder / "secrets"),
            "GATEWAY_BUFFER": str(site.var / "buffer"),
            "GATEWAY_HEALTH": health,
        },
    )
    with started(service, site) as child:
        yield child
