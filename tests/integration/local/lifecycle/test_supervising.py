"""A real supervisor with a real program, which it starts again without waiting for its next turn."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from testkit.stack.servers import eventually

PATIENT = """
import sys
from pathlib import Path

from local.lifecycle.supervising import main
from supervisor import poller

folder, poll = Path(sys.argv[1]), poller.Poller.poll


def wait_long(self, timeout):
    if not (folder / "pids").exists():
        return poll(self, timeout)
    (folder / "waits").touch()
    return poll(self, 3600)


poller.Poller.poll = wait_long
main(["-n", "-c", str(folder / "supervisord.conf")])
"""
"""A supervisor that waits for an hour between two turns, as soon as its program runs."""
CONFIGURATION = """
[supervisord]
logfile={folder}/supervisord.log
pidfile={folder}/supervisord.pid
silent=true

[program:sleeper]
command=/bin/sh -c "echo $$ >> {folder}/pids; exec sleep 3600"
startsecs=0
autorestart=true
stdout_logfile=NONE
stderr_logfile=NONE
"""


def pids(folder: Path) -> list[int]:
    file = folder / "pids"
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.mark.slow
def test_a_program_that_ends_is_started_again_without_waiting_for_the_next_turn(tmp_path: Path) -> None:
    """Its end is a signal, and that ends the supervisor's wait."""
    (tmp_path / "supervisord.conf").write_text(CONFIGURATION.format(folder=tmp_path))
    with subprocess.Popen([sys.executable, "-c", PATIENT, str(tmp_path)], stdout=subprocess.DEVNULL) as supervisor:
        try:
            eventually((tmp_path / "waits").exists, 30.0)
            first = eventually(lambda: pids(tmp_path))[0]
            os.kill(first, signal.SIGKILL)
            eventually(lambda: len(pids(tmp_path)) > 1, 30.0)
        finally:
            supervisor.kill()
            for pid in pids(tmp_path):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
