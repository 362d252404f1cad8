"""The images of the trial, all made here: a Debian, Energy Track's own image on it, and stand-ins for the others.

A stand-in carries the very name and tag that compose.yaml pins, so that the file is brought up as it is.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from local.site import Site
from testkit.gateways import telegraf
from tests.compose.engine import ROOT, Engine
from tests.unit.deploy.compose_file import containers

BASE: Final = "energytrack-trial/base:bookworm"
STANDINS: Final = Path(__file__).parent / "standins"
STOOD_IN_FOR: Final = ("kafka", "mongo", "prometheus", "caddy", "grafana")


def make_all(engine: Engine, cache: Path) -> None:
    """Build whatever the engine does not have yet."""
    if BASE not in engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}"):
        _import_base(engine, cache)
    engine.docker(
        "build", "--network=host", f"--build-arg=BASE_IMAGE={BASE}", "--tag=energytrack:0.2.0", str(ROOT), seconds=1800
    )
    for service in (*STOOD_IN_FOR, *(["telegraf"] if telegraf.program().exists() else [])):
        with tempfile.TemporaryDirectory() as context:
            folder = Path(context) / service
            shutil.copytree(STANDINS / service, folder)
            _add_what_it_needs(service, folder)
            name = containers()[service].described["image"]
            engine.docker(
                "build", "--network=host", f"--build-arg=BASE={BASE}", f"--tag={name}", str(folder), seconds=1800
            )


def _add_what_it_needs(service: str, folder: Path) -> None:
    if service == "kafka":
        from local.services.kafka import resolve_jars
        from local.services.maven import resolved
        from local.services.mirror import POM

        shutil.copytree(resolve_jars(Site()), folder / "libs")
        shutil.copytree(resolved(Site(), POM, "Kafka's MirrorMaker"), folder / "mirror-libs")
        shutil.copy(ROOT / "kafka" / "log4j2.properties", folder)
    if service == "telegraf":
        shutil.copy(telegraf.program(), folder / "telegraf")


def _import_base(engine: Engine, cache: Path) -> None:
    """A small Debian with Python, from the packages that this machine gets its own from."""
    root = cache / "debian"
    if not (root / "usr" / "bin" / "python3").exists():
        packages = "python3,python3-venv,ca-certificates,wget,curl,bash"
        command = ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(root), _mirror()]
        subprocess.run(command, check=True, capture_output=True, timeout=1800)
        for trusted in (
            "/etc/pip.conf",
            "/etc/ssl/certs/ca-certificates.crt",
        ):  # a mirror may have a certificate of its own
            if Path(trusted).exists():
                shutil.copy(trusted, root / trusted.lstrip("/"))
    with subprocess.Popen(("tar", "-C", str(root), "-c", "."), stdout=subprocess.PIPE) as tar:
        subprocess.run(
            ("docker", "import", "-", BASE),
            stdin=tar.stdout,
            check=True,
            capture_output=True,
            env={**os.environ, "DOCKER_HOST": f"unix://{engine.socket}"},
        )


def _mirror() -> str:
    """Where this machine's own packages come from."""
    for file in (Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))):
        if file.exists():
            lines = file.read_text(encoding="utf-8").splitlines()
            words = " ".join(line for line in lines if not line.lstrip().startswith("#")).split()
            addresses = [word for word in words if word.startswith("http") and "security" not in word]
            if addresses:
                return addresses[0]
    raise FileNotFoundError("no source of Debian packages is configured")
