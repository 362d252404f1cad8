"""The only import of gunicorn, which is untyped: one worker process, which creates the application after the fork."""

import logging
import resource
from collections.abc import Callable
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from control_api.serving.worker import OPEN_FILES_KEPT, BufferingWorker

GRACE_SECONDS: Final = 5
"""How long requests in progress may take after SIGTERM."""
KEEP_ALIVE_SECONDS: Final = 20
MOST_CONNECTIONS: Final = 10_000
"""Beyond this, the connection that has waited longest for its request is closed. One costs a few kilobytes."""


def serve(
    load: Callable[[], Flask], *, host: str, port: int, threads: int, live: int, stopping: Callable[[], None]
) -> None:
    """Serve the application that `load` creates until SIGTERM; `load` and `stopping` run in the worker, first and last.

    `threads` serve requests; `live` further threads serve one live connection each. There is one worker, because live
    connections and rate limits are in its memory; to scale, run more replicas.
    """
    BufferingWorker.live_threads = live
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    _Gunicorn(
        load,
        {
            "bind": [address],
            "workers": 1,
            "worker_class": BufferingWorker,
            "threads": threads,
            "worker_connections": _most_connections(live),
            "keepalive": KEEP_ALIVE_SECONDS,
            "graceful_timeout": GRACE_SECONDS,
            "control_socket_disable": True,
            "forwarder_headers": "",  # no header of a request may change its path
            "logger_class": _Log,
            "worker_exit": lambda _arbiter, _worker: stopping(),
        },
    ).run()


def _most_connections(live: int) -> int:
    """The maximum number of connections: as many as the system allows open files. A live one takes two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    kept = OPEN_FILES_KEPT + live
    wanted = MOST_CONNECTIONS + kept
    granted = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (granted, most))
    return max(granted - kept, 64)


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # the library is untyped
    """gunicorn configured from code only: it reads no configuration file and no environment variable."""

    def __init__(self, load: Callable[[], Flask], settings: dict[str, Any]) -> None:
        self._load = load
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application; created in the worker, so nothing connects before the fork."""
        return self._load()


class _Log(Logger):  # type: ignore[misc]  # the library is untyped
    """Sends gunicorn's own log where all other logs go."""

    def setup(self, cfg: Any) -> None:
        """Leave handlers to the root logger."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)
