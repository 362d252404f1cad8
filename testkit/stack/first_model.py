"""The first model of several stacks: the first stack of a test run trains it as it starts, and the others get a copy.

Simulating a small past and training on it takes a minute of a processor.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local.services.pipeline import model_file
from local.services.secrets import ML_SIGNING_KEY, secret_file
from local.site import Site

SMALL_PAST: Final = {"ENERGYTRACK_HISTORY_DEVICES": "100", "ENERGYTRACK_HISTORY_DAYS": "1"}
"""Settings with which the first model is trained on little data."""


@contextmanager
def first_model(site: Site, shared: Path) -> Iterator[bool]:
    """A stack starts within the context; yields whether it has to train. `shared` is a common folder.

    Others, also in other processes, wait for the one that trains. A model is signed, so its key is copied with it.
    """
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = (shared / "models", shared / "key")
        own = (model_file(site).parent, secret_file(site, ML_SIGNING_KEY))
        has_one = kept[1].exists()
        if has_one:
            fcntl.flock(lock, fcntl.LOCK_UN)
            _copy(kept, own)
        yield not has_one
        if not has_one and model_file(site).exists():  # otherwise the start has failed, and reports why
            _copy(own, kept)


def _copy(theirs: tuple[Path, Path], ours: tuple[Path, Path]) -> None:
    """Copy a folder of models and the key that signed them; the key last."""
    shutil.copytree(theirs[0], ours[0])
    ours[1].parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copy2(theirs[1], ours[1])
