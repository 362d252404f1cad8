"""supervisord (PyPI `supervisor`): its generated configuration, and a typed client for its socket."""

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
from local.services.definition import ServiceDefinition
from local.services.secrets import secret_env
from local.site import MARK, Site

ENDED: Final = frozenset({"STOPPED", "EXITED", "FATAL", "UNKNOWN"})
LONGEST_SOCKET_PATH: Final = 98
"""Linux allows 107 bytes; supervisord adds its process id while it binds."""

LOG_MEGABYTES: Final = 5
LOG_BACKUPS: Final = 2
"""Size of each log file; three files are kept, and as much of the previous run: 0.5 GB for all of them."""

UNSPEAKABLE: Final = re.compile(r"[\"'\n]|\s[#;]")
"""Characters that its configuration cannot hold in a value: there are no escapes, and comments begin anywhere."""


@dataclass(frozen=True)
class Process:
    """supervisord's state of one service."""

    name: str
    state: str
    """STARTING, RUNNING, BACKOFF (ended, waiting to be started again), STOPPING, or one of ENDED."""
    pid: int
    """0 if there is no process."""
    started: int
    """When it was last started, seconds since the epoch; changes with every attempt."""
    seconds: int
    """How long it has been running."""
    exit_code: int


class Supervisor:
    def __init__(self, socket_path: Path) -> None:
        # The host in this address is ignored: the transport connects to the socket.
        transport = SupervisorTransport(None, None, f"unix://{socket_path}")
        self._transport = transport
        self._rpc: Any = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def answers(self) -> bool:
        """Whether a supervisord answers on the socket."""
        try:
            self.pid()
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def pid(self) -> int:
        """The process id of the supervisor."""
        return int(self._rpc.getPID())

    def processes(self) -> tuple[Process, ...]:
        """All services, running or not."""
        return tuple(_process(info) for info in self._rpc.getAllProcessInfo())

    def process(self, name: str) -> Process:
        return _process(self._rpc.getProcessInfo(name))

    def start(self, name: str) -> None:
        """Start a service, without waiting; nothing happens if it already runs."""
        with suppress(xmlrpc.client.Fault):  # ALREADY_STARTED, or SPAWN_ERROR, which the state shows
            self._rpc.startProcess(name, False)

    def stop(self, name: str) -> None:
        """Stop a service, without waiting; nothing happens if it does not run."""
        with suppress(xmlrpc.client.Fault):
            self._rpc.stopProcess(name, False)

    def update(self) -> tuple[str, ...]:
        """Reload the configuration and stop the services that changed or were removed; returns their names."""
        ((added, changed, removed),) = self._rpc.reloadConfig()
        for name in (*changed, *removed):
            self._rpc.stopProcessGroup(name)
            self._rpc.removeProcessGroup(name)
        for name in (*changed, *added):
            self._rpc.addProcessGroup(name)
        return (*changed, *removed)

    def shutdown(self) -> None:
        """End supervisord and all its services, without waiting."""
        with suppress(xmlrpc.client.Fault):  # SHUTDOWN_STATE: it is already shutting down
            self._rpc.shutdown()

    def close(self) -> None:
        self._transport.close()


@contextmanager
def connected(site: Site) -> Iterator[Supervisor | None]:
    """The site's supervisord, or None if it does not answer."""
    supervisor = Supervisor(socket_path(site))
    try:
        yield supervisor if supervisor.answers() else None
    finally:
        supervisor.close()


def launch(site: Site, *, foreground: bool) -> subprocess.Popen[bytes]:
    """Start supervisord in a session of its own; in the foreground it shuts down when this process does."""
    log = site.log("supervisord")
    with log.open("ab") as output:
        return subprocess.Popen(
            [*(leash("TERM") if foreground else ()), sys.executable, "-m", "local.lifecycle.supervising", "--nodaemon",
             "--configuration", str(configuration_path(site))],
            cwd=site.root, env={**os.environ, MARK: str(site.var)}, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip


def configuration_path(site: Site) -> Path:
    """Path of the generated configuration; only this user may read it, because it contains secrets."""
    return site.var / "supervisord.conf"


def pid_path(site: Site) -> Path:
    """Path of supervisord's process id file."""
    return site.var / "supervisord.pid"


def socket_path(site: Site) -> Path:
    """Path of supervisord's socket; raises CannotPrepare if it is too long."""
    path = site.var / "supervisord.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise CannotPrepare(
            f"{path} is too long for the path of a socket (at most {LONGEST_SOCKET_PATH} bytes); "
            "move the project to a shorter path, or set ENERGYTRACK_VAR to a shorter folder"
        )
    return path


def write_configuration(site: Site, services: Sequence[ServiceDefinition]) -> None:
    """Write the configuration, including the services' secrets."""
    path = configuration_path(site)
    text = configuration(site, services, {service.name: secret_env(site, service.secrets) for service in services})
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        output.write(text)


def configuration(site: Site, services: Sequence[ServiceDefinition], secrets: Mapping[str, Mapping[str, str]]) -> str:
    """The text of supervisord.conf.

    Services are started one by one over the socket, and restarted whenever they end.
    """
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


def _program(site: Site, service: ServiceDefinition, order: int, env: Mapping[str, str]) -> str:
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
