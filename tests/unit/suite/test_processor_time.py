"""`make check` stays quick: what takes long without saying so fails there."""

import subprocess
import sys
from pathlib import Path

from testkit.patience import seconds_here
from tests.unit.suite.test_places_of_tests import ROOT

TESTS = """
import time
from subprocess import run
from sys import executable

import pytest

WORK = "import time\\nwhile time.process_time() < 0.6: pass"


@pytest.fixture(scope="module")
def slowly_made():
    exec("import time\\nbegun = time.process_time()\\nwhile time.process_time() < begun + 0.6: pass")


def test_quick(): pass
def test_that_waits(): time.sleep(0.6)
def test_with_a_program(): run([executable, "-c", WORK], check=True)
@pytest.mark.slow
def test_that_says_so(): run([executable, "-c", WORK], check=True)
def test_with_a_fixture(slowly_made): pass
"""


def test_a_test_that_takes_long_fails_unless_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "limited.py").write_text("from tests import processor_time as t\nt.LIMIT = 0.5\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n", encoding="utf-8")
    plugins = ("limited", "tests.processor_time", "no:cacheprovider")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", *(f"-p{name}" for name in plugins), "test_some.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds_here(60),
    )
    failed = {line.split("::")[1].split()[0] for line in ran.stdout.splitlines() if line.startswith("FAILED")}
    assert failed == {"test_with_a_program", "test_with_a_fixture"}, ran.stdout + ran.stderr
    assert "s of a processor; a test of `make check` takes" in ran.stdout
