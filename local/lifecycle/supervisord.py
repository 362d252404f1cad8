"""supervisord (PyPI `supervisor`): its generated configuration, and a typed way to speak with it over its socket."""

import os
import re
import shlex
import subprocess
import sys
import xmlrpc.client
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from supervisor.xmlrpc import SupervisorTransport

from local.errors import CannotPrepare
from local.lifecycle.child import leash
from local.lifecycle.supervising import LONGEST_PAUSE_SECONDS
from local.services.definition import Service
from local.services.secrets import secret_env
from local.site import MARK, Site

ENDED: Final = frozenset({"STOPPED", "EXITED", "FATAL", "UNKNOWN"})
LONGEST_SOCKET_PATH: Final = 98
"""Linux has room for 107 bytes; supervisord adds its process id while it binds."""

LOG_MEGABYTES: Final = 5
LOG_BACKUPS: Final = 2
"""So much of each log is kept, three files of that size, and as much of the run before: 0.5 GB for all of them."""

UNSPEAKABLE: Final = re.compile(r"[\"'\n]|\s[#;]")
"""What its configuration cannot carry in a value: it has no escapes, and comments begin anywhere."""


@dataclass(frozen=True)
class Process:
    """What supervisord knows of one service."""

    name: str
    state: str
    """STARTING, RUNNING, BACKOFF (ended, waiting to be started again), STOPPING, or one of ENDED."""
    pid: int
    """0 where there is no process."""
    started: int
    """When it was last started, seconds since the epoch; it changes with every attempt."""
    seconds: int
    """How long it has been running."""
    exit_code: int


class Supervisor:
    """A running supervisord."""

    def __init__(self, socket_path: Path) -> None:
        # The host in this address is a formality: the transport connects to the socket.
        transport = SupervisorTransport(None, None, f"unix://{socket_path}")
        self._transport = transport
        self._rpc: Any = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def answers(self) -> bool:
        """Whether there is a supervisord behind the socket."""
        try:
            self.pid()
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def pid(self) -> int:
        """The process that supervises."""
        return int(self._rpc.getPID())

    def processes(self) -> tuple[Process, ...]:
        """All services, running or not."""
        return tuple(_process(info) for info in self._rpc.getAllProcessInfo())

    def process(self, name: str) -> Process:
        return _process(self._rpc.getProcessInfo(name))

    def start(self, name: str) -> None:
        """Start a service, without waiting; nothing where it runs already."""
        with suppress(xmlrpc.client.Fault):  # ALREADY_STARTED, or SPAWN_ERROR, which the state tells
            self._rpc.startProcess(name, False)

    def stop(self, name: str) -> None:
        """Ask a service to end, without waiting; nothing where it does not run."""
        with suppress(xmlrpc.client.Fault):
            self._rpc.stopProcess(name, False)

    def update(self) -> tuple[str, ...]:
        """Read the configuration again and stop the services that changed or left; returns their names."""
        ((added, changed, removed),) = self._rpc.reloadConfig()
        for name in (*changed, *removed):
            self._rpc.stopProcessGroup(name)
            self._rpc.removeProcessGroup(name)
        for name in (*changed, *added):
            self._rpc.addProcessGroup(name)
        return (*changed, *removed)

    def shutdown(self) -> None:
        """End supervisord and whatever it still runs, without waiting."""
        with suppress(xmlrpc.client.Fault):  # SHUTDOWN_STATE: it is ending already
            self._rpc.shutdown()

    def close(self) -> None:
        """Let go of the connection."""
        self._transport.close()


@contextmanager
def connected(site: Site) -> Iterator[Supervisor | None]:
    """The site's supervisord, or None where none answers."""
    supervisor = Supervisor(socket_path(site))
    try:
        yield supervisor if supervisor.answers() else None
    finally:
        supervisor.close()


def launch(site: Site, *, foreground: bool) -> subprocess.Popen[bytes]:
    """Start supervisord in a session of its own; in the foreground it ends, in order, when this process does."""
    log = site.log("supervisord")
    with log.open("ab") as output:
        return subprocess.Popen(
            [*(leash("TERM") if foreground else ()), sys.executable, "-m", "local.lifecycle.supervising", "--nodaemon",
             "--configuration", str(configuration_path(site))],
            cwd=site.root, env={**os.environ, MARK: str(site.var)}, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip


def configuration_path(site: Site) -> Path:
    """Where the generated configuration is; only this user may read it, because it holds secrets."""
    return site.var / "supervisord.conf"


def pid_path(site: Site) -> Path:
    """Where supervisord leaves its process id while it runs."""
    return site.var / "supervisord.pid"


def socket_path(site: Site) -> Path:
    """Where supervisord listens; raises CannotPrepare where the path is too long for a socket."""
    path = site.var / "supervisord.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise CannotPrepare(
            f"{path} is too long a path for a socket, which has {LONGEST_SOCKET_PATH} bytes; "
            "check the project out in a shorter one, or name a shorter folder in ENERGYTRACK_VAR"
        )
    return path


def write_configuration(site: Site, services: Sequence[Service]) -> None:
    """Write the configuration, with the services' secrets in it."""
    path = configuration_path(site)
    text = configuration(site, services, {service.name: secret_env(site, service.secrets) for service in services})
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        output.write(text)


def configuration(site: Site, services: Sequence[Service], secrets: Mapping[str, Mapping[str, str]]) -> str:
    """The text of supervisord.conf. Services are started one by one over the socket, and again whenever they end."""
    sections = [
        _section(
            "supervisord",
            nodaemon="true",
            silent="true",
            directory=site.root,
            logfile=site.log("supervisord"),
            logfile_maxbytes=f"{LOG_MEGABYTES}MB",
            logfile_backups=LOG_BACKUPS,
            pidfile=pid_path(site),
            childlogdir=site.logs,
            **({"user": "root"} if os.geteuid() == 0 else {}),
        ),
        _section("unix_http_server", file=socket_path(site), chmod="0700"),
        _section("supervisorctl", serverurl=f"unix://{socket_path(site)}"),
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n",
    ]
    for order, service in enumerate(services):
        sections.append(_program(site, service, order, {**service.env, **secrets.get(service.name, {})}))
    return "; Generated by local/lifecycle/supervisord.py; changes are lost at the next start.\n\n" + "\n".join(
        sections
    )


def _program(site: Site, service: Service, order: int, env: Mapping[str, str]) -> str:
    return _section(
        f"program:{service.name}",
        command=shlex.join(service.command),
        environment=",".join(f'{name}="{_unquoted(name, value)}"' for name, value in sorted(env.items())),
        priority=order,
        autostart="false",
        autorestart="true",
        startsecs=5,
        startretries=LONGEST_PAUSE_SECONDS,  # a pause of which it never exceeds: it is never given up
        stopwaitsecs=service.stop_seconds,
        stopasgroup="true",
        killasgroup="true",
        redirect_stderr="true",
        stdout_logfile=site.log(service.name),
        stdout_logfile_maxbytes=f"{LOG_MEGABYTES}MB",
        stdout_logfile_backups=LOG_BACKUPS,
    )


def _section(name: str, **values: object) -> str:
    lines = (f"{key} = {str(value).replace('%', '%%')}" for key, value in values.items() if value != "")
    return "\n".join([f"[{name}]", *lines, ""])


def _unquoted(name: str, value: str) -> str:
    if UNSPEAKABLE.search(value):
        raise CannotPrepare(
            f"{name} holds a quote, a line break, or a comment sign, which supervisord's configuration cannot carry"
        )
    return value


def _process(info: Mapping[str, Any]) -> Process:
    return Process(
        name=info["name"],
        state=info["statename"],
        pid=info["pid"],
        started=info["start"],
        seconds=info["now"] - info["start"] if info["pid"] else 0,
        exit_code=info["exitstatus"],
    )
