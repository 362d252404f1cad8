"""The first model: if there is none that fits this code, simulate a history and train on it."""

import os
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec

from energytrack.running.launcher import launch_command
from local.errors import CannotPrepare
from local.lifecycle.child import leash
from local.services.pipeline import model_file, own_env
from local.services.secrets import ML_SIGNING_KEY
from local.site import Site
from ml.errors import ArtifactMismatch
from ml.features.spec import FEATURES_VERSION
from simulator.settings import PROFILES, Profile, ProfileName, SimulatorSettings

SIMULATED: Final = "simulated plant"
"""So the names of simulated histories begin."""
TOLERATED_HOURS: Final = 0.01
"""Between the horizons of a model and of its plant: they are written with so many digits."""


def why_train(site: Site) -> str:
    """Why a first model has to be trained, as a sentence; None if there is one that fits this code."""
    file = model_file(site)
    if not file.exists():
        return "There is no model yet."
    try:
        card = msgspec.json.decode(file.with_suffix(".json").read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        return f"The card of the model {file} cannot be read ({error})."
    simulated = card.get("trained_on", {}).get("name", "").startswith(SIMULATED)
    if simulated and abs(card.get("horizon_hours", 0.0) - profile().horizon_hours) > TOLERATED_HOURS:
        return f"The model {file} was trained for a simulated plant with another speed of wear."
    if card.get("features_version") != FEATURES_VERSION:
        return f"The model {file} uses the features of an earlier version."
    if any(version(library) != made_with for library, made_with in card.get("libraries", {}).items()):
        return _why_unusable(file, own_env(site, ML_SIGNING_KEY).get(ML_SIGNING_KEY))
    return ""


def train_first_model(site: Site) -> None:
    """Simulate a history and train on it, with progress on the terminal; raises CannotPrepare."""
    recording = site.var / "recordings" / "history"
    if not _fits(recording / "recording.toml"):
        shutil.rmtree(recording, ignore_errors=True)
        wanted = (("--devices", site.history_devices), ("--days", site.history_days))
        size = [word for option, count in wanted if count is not None for word in (option, f"{count:g}")]
        _run(site, "simulator", "history", "--out", str(recording), "--profile", profile_name(), *size)
    _run(site, "ml.train_model", "--brief", "--recording", str(recording), "--plant", str(site.plant_file))


def profile_name() -> ProfileName:
    """The pace of the simulated plant, which its first model must share."""
    return SimulatorSettings.from_env(os.environ).profile


def profile() -> Profile:
    """The profile of that pace."""
    return PROFILES[profile_name()]


def _why_unusable(file: Path, key: str | None) -> str:
    """Whether a model of other versions of the libraries still says what it said is known once it is opened."""
    from ml.models.artifact import read  # noqa: PLC0415  # scikit-learn, seconds of imports

    try:
        read(file, key)
    except ArtifactMismatch as error:
        return f"The model cannot be used any longer: {error}."
    return ""


def _fits(described: Path) -> bool:
    """Whether there is a history that was simulated at the plant's pace."""
    if not described.exists():
        return False
    horizon = tomllib.loads(described.read_text(encoding="utf-8")).get("horizon_hours", 0.0)
    return bool(abs(horizon - profile().horizon_hours) <= TOLERATED_HOURS)


def _run(site: Site, module: str, *arguments: str) -> None:
    command = [*leash("KILL"), sys.executable, "-m", module, *arguments]
    code = subprocess.run(command, cwd=site.root, env=own_env(site, ML_SIGNING_KEY), check=False).returncode
    if code:
        raise CannotPrepare(f"`{launch_command(module)}` ended with code {code}; its output is above")
