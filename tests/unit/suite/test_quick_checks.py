"""`make check` runs its tests in parts; together, they are all of them."""

import os
import subprocess
from typing import Final

from tests.unit.suite.test_places_of_tests import ROOT

UNIT: Final = ROOT / "tests" / "unit"


def parts() -> list[set[str]]:
    """The folders of each part, as `make check` would run them."""
    environment = {"PATH": os.environ["PATH"]}  # without what a `make check` that runs this was given
    planned = subprocess.run(
        ("make", "--dry-run", "check"),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    commands = [line.split() for line in planned.splitlines() if " -m pytest " in line]
    return [{word for word in command if word.startswith("tests/")} for command in commands]


def test_each_folder_is_in_one_part() -> None:
    folders = [folder for part in parts() for folder in part]
    with_tests = {path.name for path in UNIT.iterdir() if any(path.rglob("test_*.py"))}
    assert sorted(folders) == sorted(["tests/property", *(f"tests/unit/{name}" for name in with_tests)])
