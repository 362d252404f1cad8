"""Java programs from Maven: the jars of a pom.xml, shared by all sites of this computer."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from local.errors import CannotPrepare
from local.site import Site


def jars(site: Site, pom: str) -> Path:
    """The folder for the jars of a pom.xml, given by its path in the checkout."""
    path = site.root / pom
    return site.cache / f"{path.parent.name}-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


def resolved(site: Site, pom: str, what: str) -> Path:
    """The same folder, filled; Maven runs only if the file has changed."""
    folder = jars(site, pom)
    if folder.is_dir():
        return folder
    site.cache.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=site.cache, prefix=f"{folder.name}-"))
    try:
        run_once(
            ["mvn", "--quiet", "--batch-mode", "--no-transfer-progress", f"--file={site.root / pom}",
             "dependency:copy-dependencies", f"-DoutputDirectory={unfinished}"],
            f"Maven could not resolve {what} ({pom}); is its repository (~/.m2/settings.xml) reachable?",
        )  # fmt: skip
        if not folder.is_dir():  # another process may have been faster
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def run_once(command: list[str], sentence: str, seconds: float | None = None) -> None:
    """Run a command to its end; raises CannotPrepare with this sentence and its output, or if it takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise CannotPrepare(f"{sentence}: it takes longer than {seconds:.0f} s") from error
    except FileNotFoundError as error:
        raise CannotPrepare(f"{sentence}: {command[0]} is not installed") from error
    if done.returncode:
        raise CannotPrepare(f"{sentence}:\n{(done.stdout + done.stderr).strip()[-2000:]}")
