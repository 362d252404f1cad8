"""promtool, for tests that check what Prometheus will read."""

import shutil
import subprocess
from pathlib import Path

import pytest

from testkit.patience import seconds_here

PROMETHEUS = Path(__file__).parents[1] / "prometheus"


def promtool(*arguments: str | Path, given: bytes | None = None) -> str:
    """What promtool says; a failed check fails the test with it."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (it comes with the package prometheus)")
    ran = subprocess.run(
        [program, *map(str, arguments)],
        input=given,
        capture_output=True,
        timeout=seconds_here(60),
        check=False,
        cwd=PROMETHEUS,
    )
    said = (ran.stdout + ran.stderr).decode()
    assert ran.returncode == 0, said
    return said
