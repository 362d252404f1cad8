"""The images of the cluster's trial: those of the Compose trial, and the one that holds a pod's addresses."""

import tempfile
from pathlib import Path
from typing import Final

from testkit.kubernetes.nodes import PAUSE
from tests.compose.engine import engine
from tests.compose.images import BASE, make_all
from tests.unit.deploy.compose_file import containers

STOOD_IN_FOR: Final = ("kafka", "mongo", "caddy")
"""What runs in the trial of what Compose pins."""
WAITS: Final = 'ARG BASE\nFROM ${BASE}\nUSER 65535:65535\nENTRYPOINT ["sleep", "infinity"]\n'


def archive(folder: Path) -> Path:
    """All of them in one file, built from this checkout; the file of the last time if none has changed."""
    made, stamp = folder / "images.tar", folder / "images.ids"
    names = [PAUSE, "energytrack:0.2.0", *(containers()[each].described["image"] for each in STOOD_IN_FOR)]
    with engine(folder / "docker") as running:
        make_all(running, folder)
        with tempfile.TemporaryDirectory() as context:
            (Path(context) / "Dockerfile").write_text(WAITS, encoding="utf-8")
            running.docker("build", f"--build-arg=BASE={BASE}", f"--tag={PAUSE}", context, seconds=900)
        ids = running.docker("inspect", "--format={{.Id}}", *names)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != ids:
            running.docker("save", "--output", str(made), *names, seconds=1800)
            stamp.write_text(ids, encoding="utf-8")
    return made
