"""The whole stack as a person starts it: data flows, what dies comes back, and nothing is left behind."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local.lifecycle.processes import left_over
from local.terminal.live_line import Throughput
from testkit.patience import seconds_here
from testkit.stack.first_model import SMALL_PAST, first_model
from testkit.stack.local_stack import LocalStack, a_stack, pretend_to_have_a_model
from testkit.stack.servers import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
DEVICES = 20


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    with a_stack(tmp_path / "var", SMALL_PAST) as made:
        yield made


def test_the_stack_from_its_first_start_to_its_last_process(stack: LocalStack, first_models: Path) -> None:
    """Up from nothing; data flows; what is killed comes back; down; up again in seconds; Ctrl-C ends it all."""
    with first_model(stack.site, first_models) as trains:
        first = stack.say("up", "--devices", str(DEVICES))
    assert first.returncode == 0, first.stdout + first.stderr
    assert (stack.site.var / "recordings").exists() == trains
    assert f"Front door   http://127.0.0.1:{stack.site.ports.caddy}/" in first.stdout
    eventually(lambda: _flows(stack.throughput()), deadline=60, pause=1)
    assert stack.say("status").returncode == 0

    _kill_and_wait_for_its_return(stack, "historian")

    down = stack.say("down")
    assert down.stdout.startswith("Everything is stopped")
    stack.assert_nothing_is_left()
    assert stack.say("status").returncode == 1

    begun = time.monotonic()
    demo = stack.begin("demo", "--devices", str(DEVICES))
    _read_until(demo, "Front door")
    assert time.monotonic() - begun < seconds_here(30)
    _read_until(demo, f"{DEVICES} devices exported")
    demo.send_signal(signal.SIGINT)
    rest, _ = demo.communicate(timeout=seconds_here(120))
    assert demo.returncode == 0
    assert "Everything is stopped" in rest
    stack.assert_nothing_is_left()


def test_a_start_that_is_killed_leaves_nothing_and_is_cleared_up_after(stack: LocalStack) -> None:
    """kill -9 of the foreground, then of supervisord itself: the kernel or the next verb ends what remains."""
    pretend_to_have_a_model(stack.site.var)
    demo = stack.begin("demo", "--devices", str(DEVICES))
    eventually(lambda: stack.supervised("kafka"), deadline=60)
    demo.kill()
    eventually(lambda: not left_over(stack.site), deadline=60, pause=0.5)

    other = stack.begin("up", "--devices", str(DEVICES))
    eventually(lambda: stack.supervised("kafka"), deadline=60)
    other.kill()
    other.wait()
    os.kill(stack.supervised("supervisord"), signal.SIGKILL)
    assert left_over(stack.site)
    assert stack.say("down").returncode == 0  # also where the stack is being started again by then
    stack.assert_nothing_is_left()


def test_a_taken_port_is_named_with_its_holder_before_anything_starts(stack: LocalStack) -> None:
    port = stack.site.ports.kafka
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        said = stack.say("up")
    assert said.returncode == 1
    assert f"Port {port} of kafka is in use by {psutil.Process().name()} (process {os.getpid()}" in said.stdout
    assert "ENERGYTRACK_PORT_OFFSET=1000" in said.stdout
    stack.assert_nothing_is_left()


def test_a_setting_that_does_not_fit_is_said_with_exit_code_2(stack: LocalStack) -> None:
    stack.env["ENERGYTRACK_PORT_OFFSET"] = "many"
    said = stack.say("up")
    assert said.returncode == 2
    assert "ENERGYTRACK_PORT_OFFSET" in said.stdout


def _kill_and_wait_for_its_return(stack: LocalStack, name: str) -> None:
    before = stack.supervised(name)
    os.kill(before, signal.SIGKILL)
    eventually(lambda: stack.supervised(name) not in {0, before}, deadline=30)
    eventually(lambda: stack.say("status").returncode == 0, deadline=60, pause=1)


def _flows(throughput: Throughput) -> bool:
    return throughput.devices == DEVICES and all(
        rate and rate > 0 for rate in (throughput.readings, throughput.insights, throughput.stored)
    )


def _read_until(process: "subprocess.Popen[str]", words: str) -> None:
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if words in line:
            return
    raise AssertionError(f"it ended without {words!r}:\n{''.join(lines)}")
