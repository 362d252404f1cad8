"""An earlier state of the code, for comparison: `git worktree` provides its files."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local.site import ROOT

LAST_RELEASE: Final = "2ad80cf"
"""Release 0.1.0."""


@contextmanager
def files_of(revision: str) -> Iterator[Path | None]:
    """A folder with the files of a revision, while the context lasts; None without git, or if this clone lacks it."""
    with tempfile.TemporaryDirectory(prefix="bench-earlier-") as parent:
        folder = Path(parent) / "files"
        if not _git("worktree", "add", "--detach", str(folder), revision):
            yield None
            return
        try:
            yield folder
        finally:
            _git("worktree", "remove", "--force", str(folder))


def has_module(folder: Path, module: str) -> bool:
    """Whether these files contain a module that `python -m` can run."""
    path = folder / Path(*module.split("."))
    return path.with_suffix(".py").exists() or (path / "__main__.py").exists()


def _git(*arguments: str) -> bool:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0
