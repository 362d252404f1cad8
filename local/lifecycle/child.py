"""A service as a child of this process: started, waited for, and ended with this process."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from energytrack.clock import Clock, SystemClock
from local.errors import NotReady, ServiceFailed
from local.lifecycle.readiness import wait_until_ready
from local.services.definition import ServiceDefinition
from local.site import MARK, Site

TAIL_LINES: Final = 30


def tail(path: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log; empty if there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(0, os.SEEK_END)
        log.seek(max(0, log.tell() - 200 * lines))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])


class Child:
    """A started service; its output goes to the site's log of its name."""

    def __init__(self, service: ServiceDefinition, site: Site) -> None:
        self.service = service
        self.log = site.log(service.name)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = spawned(service.command, site, service.env, output)

    def check_alive(self) -> None:
        """Raises ServiceFailed with the end of the log when the process has ended."""
        code = self.process.poll()
        if code is not None:
            raise ServiceFailed(self.service.name, f"ended with code {code}", tail(self.log))

    def wait_until_ready(self, *, deadline: float = 60, clock: Clock | None = None) -> None:
        """Return when the service answers; raises ServiceFailed if it ends first or takes too long."""
        try:
            wait_until_ready(
                self.service.ready, clock=clock or SystemClock(), deadline=deadline, check_alive=self.check_alive
            )
        except NotReady as error:
            detail = f"is not ready after {deadline:.0f} s: {error}"
            raise ServiceFailed(self.service.name, detail, tail(self.log)) from error

    def kill(self) -> None:
        """Kill the process and all its children at once, as a power cut would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def terminate(self) -> int:
        """Ask the process to end; SIGKILL after its `stop_seconds`. Returns its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(self.service.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.returncode


@contextmanager
def started(service: ServiceDefinition, site: Site, *, deadline: float = 60) -> Iterator[Child]:
    """A service that is ready; it is killed when the context ends."""
    child = Child(service, site)
    try:
        child.wait_until_ready(deadline=deadline)
        yield child
    finally:
        child.kill()


def spawned(
    command: Sequence[str], site: Site, env: Mapping[str, str], output: IO[bytes], *, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """A process of this site, in a session of its own, that ends with ours; what it says goes to `output`."""
    return subprocess.Popen(
        [*leash("KILL"), *command],
        cwd=cwd,
        env={**os.environ, **env, MARK: str(site.var)},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def leash(signal_name: str) -> tuple[str, ...]:
    """A command prefix that makes the kernel signal the child when this process dies for any reason.

    `setpriv` belongs to util-linux, which every Debian has; without it a child may be left behind.
    """
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", signal_name, "--") if setpriv else ()
