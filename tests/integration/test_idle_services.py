"""Services whose main loop has nothing to do: the watchdog takes none of them for stuck."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from urllib.request import urlopen

import pytest

from testkit.patience import seconds_here
from testkit.stack.servers import eventually, free_ports

IDLE = ("exporters.disk", "local.lifecycle.keeper")
STUCK_SECONDS = 5.0
"""The least that the setting allows."""


@pytest.fixture
def processes() -> "Iterator[dict[str, subprocess.Popen[bytes]]]":
    with ExitStack() as stack:
        started = {}
        for module in IDLE:
            port = str(free_ports().disk)
            env = {**os.environ, "ENERGYTRACK_METRICS_PORT": port, "ENERGYTRACK_STUCK_SECONDS": f"{STUCK_SECONDS:g}"}
            process = subprocess.Popen([sys.executable, "-m", module], env=env, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            eventually(partial(_is_alive, port), 30)
            started[module] = process
        yield started


def test_a_service_that_only_waits_is_not_stuck(processes: "dict[str, subprocess.Popen[bytes]]") -> None:
    """They run on, well after the time after which a main loop that stands still ends its process."""
    until = time.monotonic() + STUCK_SECONDS + 4.0
    for process in processes.values():
        with suppress(subprocess.TimeoutExpired):
            process.wait(until - time.monotonic())
    assert {module: process.poll() for module, process in processes.items()} == dict.fromkeys(IDLE)


def _is_alive(port: str) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/livez", timeout=seconds_here(5)) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
