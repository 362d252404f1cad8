"""The supervisor outlives a disk without room, and never gives a program up."""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from supervisor import loggers, process, supervisord
from supervisor.medusa import asyncore_25 as asyncore
from supervisor.states import ProcessStates

from local.lifecycle.supervising import (
    LONGEST_PAUSE_SECONDS,
    ErrorIgnoringStream,
    ResilientLogHandler,
    ResilientSupervisor,
    RestartedProcess,
    SignalWaker,
)


def a_logger(file: Path, **options: int) -> loggers.Logger:
    handler = ResilientLogHandler(str(file), "a", options.get("max_bytes", 0), options.get("backups", 0))
    handler.setFormat("%(message)s\n")
    handler.setLevel(loggers.LevelsByName.INFO)
    return loggers.Logger(handlers=[handler])


def test_a_log_that_cannot_be_opened_is_opened_when_it_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.lifecycle.supervising.REOPEN_SECONDS", 0.0)
    file = tmp_path / "not yet" / "kafka.log"
    logger = a_logger(file)
    logger.info("lost")
    file.parent.mkdir()
    logger.info("written")
    logger.close()
    assert file.read_text() == "... 1 writes are missing: the disk was full\nwritten\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' disk that is always full")
def test_a_full_disk_costs_lines_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.lifecycle.supervising.REOPEN_SECONDS", 0.0)
    survived: list[str] = []
    logger = a_logger(Path("/dev/full"))
    for number in range(10):
        logger.info(f"line {number}")
    logger.close()
    with suppress(OSError), open("/dev/full", "w") as full:  # noqa: PTH123  # what its standard error may be
        stream = ErrorIgnoringStream(full)
        stream.write("a traceback")
        stream.flush()
        survived.append("survived")
    assert survived == ["survived"]


def test_logs_are_bounded_and_rotated(tmp_path: Path) -> None:
    logger = a_logger(tmp_path / "kafka.log", max_bytes=1000, backups=2)
    for number in range(500):
        logger.info(f"line {number:04}")
    logger.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["kafka.log", "kafka.log.1", "kafka.log.2"]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 3100
    assert "line 0499" in "".join(file.read_text() for file in tmp_path.iterdir())


def test_a_program_that_keeps_ending_is_started_again_soon_however_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supervisor.events.notify", lambda _: None)
    monkeypatch.setattr("local.lifecycle.supervising.time", SimpleNamespace(time=lambda: 1000.0))
    options: Any = SimpleNamespace(logger=loggers.Logger())
    program = RestartedProcess(SimpleNamespace(options=options, name="kafka", startretries=LONGEST_PAUSE_SECONDS))
    pauses = []
    for _ in range(200):
        program.change_state(ProcessStates.STARTING)
        program.change_state(ProcessStates.BACKOFF)
        pauses.append(program.delay - 1000.0)
    assert pauses == [1, 2, *[LONGEST_PAUSE_SECONDS] * 198]
    assert program.backoff <= program.config.startretries  # above that supervisord gives a program up
    assert issubclass(RestartedProcess, process.Subprocess)


@pytest.fixture
def signals_as_before() -> Iterator[None]:
    """The test's own handler of signals is gone afterwards."""
    handler = signal.getsignal(signal.SIGUSR1)
    yield
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGUSR1, handler)


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


@pytest.mark.usefixtures("signals_as_before")
def test_a_signal_ends_the_wait_and_what_ended_is_looked_at() -> None:
    """Python resumes a wait that a signal has interrupted; the supervisor's lasts a second."""
    looked: list[str] = []
    waker = SignalWaker(lambda: looked.append("looked"))
    signal.signal(signal.SIGUSR1, lambda *_: None)
    assert select.select([waker.reading], [], [], 0) == ([], [], [])
    signal.raise_signal(signal.SIGUSR1)
    assert select.select([waker.reading], [], [], 0) == ([waker.reading], [], [])
    waker.handle_read_event()
    assert looked == ["looked"]
    assert select.select([waker.reading], [], [], 0) == ([], [], [])
    waker.handle_read_event()  # nothing to read is no error
    waker.close()


@pytest.mark.usefixtures("signals_as_before")
def test_the_supervisor_looks_for_ended_programs_whenever_a_signal_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same turn of its loop, before it starts what has to be started."""
    connections: dict[int, SignalWaker] = {}
    reaped: list[str] = []

    def one_turn(_: ResilientSupervisor) -> None:
        signal.raise_signal(signal.SIGUSR1)
        (waker,) = connections.values()
        assert waker.readable()
        assert not waker.writable()
        waker.handle_read_event()
        raise asyncore.ExitNow

    monkeypatch.setattr(supervisord.Supervisor, "runforever", one_turn)
    monkeypatch.setattr(ResilientSupervisor, "reap", lambda _: reaped.append("reaped"))
    signal.signal(signal.SIGUSR1, lambda *_: None)
    supervisor = ResilientSupervisor(SimpleNamespace(get_socket_map=lambda: connections, logger=loggers.Logger()))
    with pytest.raises(asyncore.ExitNow):
        supervisor.runforever()
    assert reaped == ["reaped"]


@pytest.mark.usefixtures("signals_as_before")
def test_nothing_is_left_of_the_waker_when_the_supervisor_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a reload, another supervisor runs in the same process; and the numbers of closed files are used again."""
    connections: dict[int, SignalWaker] = {}
    pipes: list[tuple[int, int]] = []
    pipe = os.pipe

    def remembered() -> tuple[int, int]:
        pipes.append(pipe())
        return pipes[-1]

    def ends(_: ResilientSupervisor) -> None:
        assert list(connections) == [pipes[0][0]]
        raise asyncore.ExitNow

    earlier = pipe()
    os.set_blocking(earlier[1], False)
    signal.set_wakeup_fd(earlier[1])
    monkeypatch.setattr(os, "pipe", remembered)
    monkeypatch.setattr(supervisord.Supervisor, "runforever", ends)
    supervisor = ResilientSupervisor(SimpleNamespace(get_socket_map=lambda: connections, logger=loggers.Logger()))
    with pytest.raises(asyncore.ExitNow):
        supervisor.runforever()
    assert connections == {}
    assert [descriptor for descriptor in pipes[0] if is_open(descriptor)] == []
    assert signal.set_wakeup_fd(-1) == earlier[1]
    for descriptor in earlier:
        os.close(descriptor)
