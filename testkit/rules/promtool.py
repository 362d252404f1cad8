"""promtool, for tests that check what Prometheus will read."""

import shutil
import subprocess
from pathlib import Path

import pytest

from testkit.patience import seconds_here

PROMETHEUS = Path(__file__).parents[2] / "prometheus"


def promtool(*arguments: str | Path, stdin: bytes | None = None) -> str:
    """promtool's output; a failed check fails the test with it."""
    code, output = run_promtool(*arguments, stdin=stdin)
    assert code == 0, output
    return output


def run_promtool(*arguments: str | Path, stdin: bytes | None = None) -> tuple[int, str]:
    """promtool's exit code and output."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (it comes with the package prometheus)")
    ran = subprocess.run(
        [program, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=seconds_here(60),
        check=False,
        cwd=PROMETHEUS,
    )
    return ran.returncode, (ran.stdout + ran.stderr).decode()
