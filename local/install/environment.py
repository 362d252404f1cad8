"""The virtual environment, created from a lock file with every hash checked. Standard library only."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

FOR_THE_STACK: Final = "requirements-local.lock"
FOR_DEVELOPMENT: Final = "requirements-dev.lock"
"""Contains everything in the stack's lock file, at the same versions, plus what tests and checks need."""


class CannotMake(Exception):
    """The environment could not be created; the message says why."""


def is_current(root: Path, lock: str) -> bool:
    """Whether `.venv` has at least what a lock file requires."""
    accepted = {_stamp_of(root, lock), _stamp_of(root, FOR_DEVELOPMENT)}
    return _runs(_python(root)) and _stamp(root).exists() and _stamp(root).read_text(encoding="utf-8") in accepted


def make(root: Path, lock: str, *, say: Callable[[str], None]) -> None:
    """Create `.venv`, or update it; `say` is called with the progress. Raises CannotMake."""
    if not _runs(_python(root)):
        _call([sys.executable, "-m", "venv", "--clear", str(root / ".venv")])
    _stamp(root).unlink(missing_ok=True)
    packages = sum(
        "==" in line for line in (root / lock).read_text(encoding="utf-8").splitlines() if line[:1].isalnum()
    )
    pip_install = [str(_python(root)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command = [*pip_install, "--progress-bar=off", "--no-compile", "--no-deps",
               "--require-hashes", "--requirement", str(root / lock)]  # fmt: skip
    lines: list[str] = []
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            lines.append(line)
            if line.startswith(("Collecting", "Requirement already satisfied")):
                seen += 1
                say(f"{min(seen, packages)} of {packages} packages")
            elif line.startswith("Installing collected"):
                say(f"installing {packages} packages")
    if pip.returncode:
        raise CannotMake(f"pip could not install {lock}:\n{''.join(lines[-15:]).strip()}")
    say("the project itself")
    install_project(pip_install, root)
    _stamp(root).write_text(_stamp_of(root, lock), encoding="utf-8")


def install_project(pip_install: list[str], root: Path) -> None:
    """Installs the project itself, so that its version and packages are found from any folder."""
    _call([*pip_install, "--no-index", "--no-deps", "--no-build-isolation", "--editable", str(root)])


def has_venv() -> bool:
    """Whether this Python can create environments; Debian puts that in a separate package."""
    return _runs_quietly([sys.executable, "-c", "import ensurepip, venv"])


def _python(root: Path) -> Path:
    return root / ".venv" / "bin" / "python"


def _stamp(root: Path) -> Path:
    return root / ".venv" / "installed-from"


def _stamp_of(root: Path, lock: str) -> str:
    digest = hashlib.sha256((root / lock).read_bytes()).hexdigest()
    return f"{lock} {digest} {_python(root).resolve()}\n"


def _runs(python: Path) -> bool:
    return python.exists() and _runs_quietly([str(python), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"])


def _runs_quietly(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMake(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr).strip()[-1500:]}")
