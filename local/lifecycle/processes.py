"""Finds processes: the one behind a port, and those that an earlier run of this site left behind."""

import os
import re
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from local.site import HOST, MARK, Site

GRACE_SECONDS: Final = 10.0
"""How long a left-over process has to end after SIGTERM."""


@dataclass(frozen=True)
class OccupiedPort:
    """A port that is already in use."""

    name: str
    """The service that needs it."""
    port: int
    holder: str
    """The process, as far as this user may see it."""
    pid: int | None
    unit: str | None = None
    """The system service that it belongs to."""

    def __str__(self) -> str:
        sentence = f"Port {self.port} of {self.name} is in use by {self.holder}"
        if self.unit is not None:
            return f"{sentence}; `sudo systemctl disable --now {self.unit}` stops it."
        return f"{sentence}." if self.pid is None else f"{sentence}; `kill {self.pid}` ends it."


def taken_ports(wanted: dict[str, int]) -> tuple[OccupiedPort, ...]:
    """The wanted ports that are in use."""
    busy = {name: port for name, port in wanted.items() if not is_free(port)}
    if not busy:
        return ()
    pids = listeners(busy.values())
    return tuple(
        OccupiedPort(name, port, _holder(pids.get(port)), pids.get(port), _unit(pids.get(port)))
        for name, port in busy.items()
    )


def is_free(port: int) -> bool:
    """Whether a server could listen on a port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a port in TIME_WAIT is free
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def left_over(site: Site, *, spare: Collection[int] = ()) -> list[psutil.Process]:
    """Processes with this site's mark, except this one and those to spare."""
    spared = {os.getpid(), *spare}
    return [p for p in psutil.process_iter() if p.pid not in spared and _mark(p) == str(site.var)]


def end(processes: Sequence[psutil.Process], *, grace: float = GRACE_SECONDS) -> None:
    """SIGTERM, then SIGKILL for those still there after the grace period."""
    for process in processes:
        _signal(process, kill=False)
    _, alive = psutil.wait_procs(processes, timeout=grace)
    for process in alive:
        _signal(process, kill=True)
    psutil.wait_procs(alive, timeout=grace)


def describe(processes: Sequence[psutil.Process]) -> str:
    """Names and ids of processes, for people."""
    return ", ".join(f"{process.name()} ({process.pid})" for process in processes if process.is_running())


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        process.kill() if kill else process.terminate()
    except psutil.NoSuchProcess:
        return


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None


def listeners(ports: Collection[int]) -> dict[int, int]:
    """Process ids by port, as far as this user may see them."""
    listening = (
        connection for connection in psutil.net_connections(kind="tcp") if connection.status == psutil.CONN_LISTEN
    )
    return {
        connection.laddr.port: connection.pid
        for connection in listening
        if connection.laddr and connection.laddr.port in ports and connection.pid is not None
    }


def unit_of(cgroup: str) -> str | None:
    """The system service in the text of a process's /proc/PID/cgroup."""
    match = re.search(r"/system\.slice/([^/\n]+\.service)$", cgroup, re.MULTILINE)
    return match.group(1) if match else None


def _unit(pid: int | None) -> str | None:
    try:
        return unit_of(Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8"))
    except OSError:
        return None


def _holder(pid: int | None) -> str:
    if pid is None:
        return "a process of another user"
    try:
        process = psutil.Process(pid)
        command = " ".join(process.cmdline())
    except psutil.Error:
        return f"process {pid}"
    return f"{process.name()} (process {pid}: {command[:60]}{'…' if len(command) > 60 else ''})"
