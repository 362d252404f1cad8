"""The first model: where there is none that fits this code, a past is simulated and the model trained on it."""

import subprocess
import sys
from importlib.metadata import version
from typing import Any

import msgspec

from local.errors import CannotPrepare
from local.lifecycle.child import leash
from local.services.pipeline import model_file, own_env
from local.services.secrets import ML_SIGNING_KEY
from local.site import Site
from ml.features.spec import FEATURES_VERSION


def why_train(site: Site) -> str:
    """Why a first model has to be trained, as a sentence; nothing where there is one that fits this code."""
    file = model_file(site)
    if not file.exists():
        return "There is no model yet."
    try:
        card = msgspec.json.decode(file.with_suffix(".json").read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        return f"The model {file} has no card that can be read ({error})."
    if card.get("features_version") != FEATURES_VERSION:
        return f"The model {file} looks at features as they were before this version."
    for library, made_with in card.get("libraries", {}).items():
        if version(library) != made_with:
            return f"The model {file} was made with {library} {made_with}, and {version(library)} is installed."
    return ""


def train_first_model(site: Site) -> None:
    """Simulate a history and train on it, with the progress of both on the terminal; raises CannotPrepare."""
    recording = site.var / "recordings" / "history"
    if not (recording / "recording.toml").exists():
        _run(
            site,
            "simulator", "history", "--out", str(recording),
            "--devices", str(site.history_devices), "--days", f"{site.history_days:g}",
        )  # fmt: skip
    _run(site, "ml.train_model", "--brief", "--recording", str(recording))


def _run(site: Site, module: str, *arguments: str) -> None:
    command = [*leash("KILL"), sys.executable, "-m", module, *arguments]
    code = subprocess.run(command, cwd=site.root, env=own_env(site, ML_SIGNING_KEY), check=False).returncode
    if code:
        raise CannotPrepare(f"`python -m {module}` ended with code {code}; its words are above")
