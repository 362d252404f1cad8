"""The processes of a running stack: causes faults in them, and notes when they are back."""

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from bench.faults.fault import SUPERVISOR, Fault
from local.errors import NotReady
from local.lifecycle.readiness import ask
from local.lifecycle.supervisord import connected
from local.services.catalogue import services, steps
from local.services.definition import Job
from local.services.pipeline import DISK
from local.site import Site

LIMIT_SECONDS: Final = 30.0
"""The longest time until a killed process has to be back."""
SUPERVISOR_SECONDS: Final = 40.0
"""The same for the supervisor, with which everything is started again (docs/runbook.md)."""


@dataclass
class Interruption:
    """A service that was killed or stopped."""

    since: float
    """The time of the last fault of it, or of a server that it needs."""
    pid: int
    """The process before the fault; 0 if that one continues."""


class FaultTargets:
    """All services of a site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ready = {service.name: service.ready for service in services(site)}
        jobs = {step.name: step.needs for step in steps(site) if isinstance(step, Job)}
        self._needs = {
            service.name: {name for need in service.needs for name in jobs.get(need, (need,))}
            for service in services(site)
        }
        self._away: dict[str, Interruption] = {}
        self.back_after: dict[str, float] = {}
        """The longest absence of each, in seconds since it was last killed."""
        self.kills: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._ready)

    def strike(self, fault: Fault) -> bool:
        """Cause a fault, unless there is no such process at this moment; returns whether it was caused.

        The supervisor is spared while the process that watches it does not run: nothing would be left to notice
        (docs/decisions/local-stack.md).
        """
        if fault.which == SUPERVISOR and DISK.name in self._away:
            return False
        pid = self._pids().get(fault.which, 0)
        if not pid:
            return False
        if fault.how in {"frozen", "slowed"}:
            self._stop(fault, pid)
            return True
        try:
            os.kill(pid, signal.SIGTERM if fault.how == "restarted" else signal.SIGKILL)
        except ProcessLookupError:
            return False
        self._away[fault.which] = Interruption(time.monotonic(), pid)
        if fault.which == SUPERVISOR:  # everything is started again, by a supervisor that does not answer yet
            self._away |= {name: Interruption(time.monotonic(), 0) for name in self._ready}
        self._wait_longer(fault.which)
        if fault.how == "killed":
            self.kills[fault.which] = self.kills.get(fault.which, 0) + 1
        return True

    def look(self) -> Mapping[str, float]:
        """Note which services are back; returns the others, with the seconds since the fault."""
        pids = self._pids() if self._away else {}
        for name, absence in list(self._away.items()):
            if pids.get(name, 0) in {0, absence.pid} or not self._answers(name):
                continue
            seconds = time.monotonic() - absence.since
            self.back_after[name] = max(seconds, self.back_after.get(name, 0.0))
            del self._away[name]
        now = time.monotonic()
        return {name: now - absence.since for name, absence in self._away.items()}

    def silent(self) -> list[str]:
        """All services that do not answer."""
        return [name for name in self._ready if not self._answers(name)]

    def _wait_longer(self, server: str) -> None:
        """Extend the time of services that need a server with a fault: they cannot be back before it is."""
        for name, absence in self._away.items():
            if server in self._needs.get(name, ()):
                absence.since = time.monotonic()

    def _stop(self, fault: Fault, pid: int) -> None:
        """Send SIGSTOP, and SIGCONT after the fault's time; nothing else happens meanwhile."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            try:
                time.sleep(fault.seconds)
            finally:
                os.kill(pid, signal.SIGCONT)
        if fault.which not in self._away:
            self._away[fault.which] = Interruption(time.monotonic(), 0)
        self._wait_longer(fault.which)

    def _answers(self, name: str) -> bool:
        try:
            if name in self._ready:
                ask(self._ready[name])
        except NotReady:
            return False
        return True

    def _pids(self) -> dict[str, int]:
        with suppress(OSError), connected(self._site) as supervisor:
            if supervisor is not None:
                pids = {process.name: process.pid for process in supervisor.processes()}
                return {**pids, SUPERVISOR: supervisor.pid()}
        return {}
