"""A stack of a test's own is stopped, however the test ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.lifecycle.processes import describe, left_over
from local.site import MARK, ROOT, Site
from testkit.stack.local_stack import a_stack
from testkit.stack.servers import eventually

SERVICE = ("setsid", "--fork", "sleep", "600")
"""With the mark of a site, it is a process that nothing but `down` ends."""
A_TEST = f"""
import subprocess, sys
from pathlib import Path
from testkit.stack.local_stack import a_stack

with a_stack(Path(sys.argv[1]), {{}}):
    subprocess.run({SERVICE}, env={{"{MARK}": sys.argv[1]}}, stdout=subprocess.DEVNULL, check=True)
    print("running", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_test_that_is_interrupted(ending: signal.Signals, tmp_path: Path) -> None:
    site = Site(var=tmp_path)
    test = subprocess.Popen(
        [sys.executable, "-c", A_TEST, str(site.var)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with test:
        assert test.stdout is not None
        assert test.stdout.readline() == "running\n"
        eventually(lambda: "sleep" in describe(left_over(site)))
        test.send_signal(ending)
    eventually(lambda: not left_over(site), 30)


def test_nothing_is_left_of_a_start_that_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="not within its time"):
        _fail_to_start(tmp_path)
    assert left_over(Site(var=tmp_path)) == []


def _fail_to_start(folder: Path) -> None:
    with a_stack(folder, {}) as stack:
        subprocess.run(SERVICE, env={MARK: str(stack.site.var)}, check=True)
        eventually(lambda: left_over(stack.site))
        raise AssertionError("not within its time")
