"""The first model: where there is none, a plant's past is simulated and the model is trained on it."""

import subprocess
import sys

from local.child import leash
from local.errors import CannotPrepare
from local.keys import ML_SIGNING_KEY
from local.pipeline import model_file, own_env
from local.site import Site


def has_model(site: Site) -> bool:
    """Whether there is a champion and its card."""
    file = model_file(site)
    return file.exists() and file.with_suffix(".json").exists()


def train_first_model(site: Site) -> None:
    """Simulate a history and train on it, with the progress of both on the terminal; raises CannotPrepare."""
    recording = site.var / "recordings" / "history"
    if not (recording / "recording.toml").exists():
        _run(
            site,
            "simulator", "history", "--out", str(recording),
            "--devices", str(site.history_devices), "--days", f"{site.history_days:g}",
        )  # fmt: skip
    _run(site, "ml.train_model", "--recording", str(recording))


def _run(site: Site, module: str, *arguments: str) -> None:
    command = [*leash("KILL"), sys.executable, "-m", module, *arguments]
    code = subprocess.run(command, cwd=site.root, env=own_env(site, ML_SIGNING_KEY), check=False).returncode
    if code:
        raise CannotPrepare(f"`python -m {module}` ended with code {code}; its words are above")
