"""The images of the cluster's trial: those of the Compose trial, and what a cluster needs besides."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from testkit.kubernetes.cluster_programs import ClusterPrograms
from testkit.kubernetes.nodes import PAUSE
from tests.compose.engine import Engine, engine
from tests.compose.images import BASE, STOOD_IN_FOR, make_all
from tests.unit.deploy.compose_file import containers

RELOADER: Final = "energytrack-trial/prometheus-config-reloader:1"
DOCKERFILES: Final = {
    PAUSE: 'ARG BASE\nFROM ${BASE}\nUSER 65535:65535\nENTRYPOINT ["sleep", "infinity"]\n',
    RELOADER: 'ARG BASE\nFROM ${BASE}\nCOPY reloader /bin/prometheus-config-reloader\n'
    'ENTRYPOINT ["/bin/prometheus-config-reloader"]\n',
}  # fmt: skip


def archive(folder: Path, programs: ClusterPrograms) -> Path:
    """All of them in one file, built from this checkout."""
    made = folder / "images.tar"
    with engine(folder / "docker") as running:
        make_all(running, folder)
        names = [
            PAUSE,
            RELOADER,
            "energytrack:0.2.0",
            *(containers()[each].described["image"] for each in STOOD_IN_FOR),
        ]
        for name, text in DOCKERFILES.items():
            _build(running, name, text, {"reloader": programs["prometheus-config-reloader"]})
        running.docker("save", "--output", str(made), *names, seconds=900)
    return made


def _build(running: Engine, name: str, dockerfile: str, parts: dict[str, Path]) -> None:
    with tempfile.TemporaryDirectory() as made:
        context = Path(made)
        (context / "Dockerfile").write_text(dockerfile, encoding="utf-8")
        for part, source in parts.items():
            (context / part).parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, context / part)
            else:
                shutil.copy(source, context / part)
        running.docker(
            "build", "--network=host", f"--build-arg=BASE={BASE}", f"--tag={name}", str(context), seconds=900
        )
