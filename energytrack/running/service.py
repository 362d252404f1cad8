"""How a service starts and stops: settings, log, metrics page, signals; its `__main__` does the rest."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from wsgiref.simple_server import make_server

import structlog
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, make_wsgi_app

from energytrack.clock import Clock, SystemClock
from energytrack.errors import EnergyTrackError, InvalidSettings, PortTaken, StopRequested
from energytrack.running.health import Health, WaitingSeconds
from energytrack.running.hosts import is_ours
from energytrack.running.logs import configure_logging
from energytrack.running.pages_server import PagesHandler, PagesServer
from energytrack.running.watchdog import watched
from energytrack.settings import ServiceSettings

log = structlog.get_logger(__name__)

METRICS: Final = "/metrics"
OK: Final = "200 OK"
UNAVAILABLE: Final = "503 Service Unavailable"
BEAT_SECONDS: Final = 1.0
COLLECT_AFTER: Final = (100_000, 20, 20)
"""Objects of a batch are freed by reference counting alone. By default CPython searches for cycles after every 700
objects, which took a fifth of a service's time (measured at 3,000 readings/s).
"""


@dataclass(frozen=True)
class Service:
    """A running service, which its `__main__` passes on."""

    name: str
    clock: Clock
    stop: threading.Event
    """Set by SIGTERM and SIGINT; loops end at their next turn."""
    registry: CollectorRegistry
    health: Health
    """What the service waits for; reported by buses, stores and loops."""
    pages: dict[str, Any] = field(default_factory=dict)
    """WSGI applications by path; a service may put one of its own at /metrics."""
    _ready: threading.Event = field(default_factory=threading.Event)

    def ready(self) -> None:
        """Record that the service is ready: from now on /healthz answers 200."""
        if not self._ready.is_set():
            self._ready.set()
            log.info("ready")

    def pause(self, seconds: float) -> bool:
        """Wait, or return at once when the service is asked to stop; returns whether it is.

        The main loop waits with this, so that the watchdog knows that the loop is alive.
        """
        left = seconds
        while left > 0 and not self.stop.is_set():
            self.health.beat()
            self.stop.wait(min(left, BEAT_SECONDS))
            left -= BEAT_SECONDS
        return self.stop.is_set()

    def is_ready(self) -> bool:
        """Whether it was ever ready; it may have been waiting for a server since."""
        return self._ready.is_set()

    def health_answer(self) -> tuple[bool, str]:
        """The response of /healthz: whether the service makes progress; if not, what it waits for and since when."""
        complaint = self.health.complaint()
        if complaint is not None:
            return False, complaint
        return (True, "ready") if self.is_ready() else (False, "starting")


@contextmanager
def running(
    name: str,
    settings: ServiceSettings,
    *,
    serve_metrics: bool = True,
    watch: bool = True,
) -> Iterator[Service]:
    """Log, signals, watchdog and /metrics with /healthz and /livez, while the context lasts.

    With `watch`, a main loop that does not report to `health` ends the process. Raises PortTaken.
    """
    registry = CollectorRegistry()
    gc.set_threshold(*COLLECT_AFTER)
    configure_logging(level=settings.log_level, log_format=settings.log_format, service=name, registry=registry)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    clock = SystemClock()
    health = Health(clock, patience=settings.patience_seconds, stuck_after=settings.stuck_seconds)
    registry.register(WaitingSeconds(health))
    service = Service(name, clock, threading.Event(), registry, health, {METRICS: make_wsgi_app(registry)})
    with ExitStack() as stack:
        stack.enter_context(_stopped_by_signals(service.stop, settings.stop_seconds))
        if serve_metrics:
            stack.enter_context(_serving(_pages(service), settings))
        if watch:
            stack.enter_context(watched(health))
        try:
            yield service
        except StopRequested as request:
            log.info("stopped during an outage: unfinished work will be done again", detail=str(request))
    log.info("stopped")


def entry(main: Callable[[Mapping[str, str]], None]) -> None:
    """Run a service's main with the environment; returns 2 for invalid settings, 1 for any other error."""
    try:
        main(os.environ)
    except InvalidSettings as error:
        sys.stderr.write(f"invalid settings:\n{error}\n")
        sys.exit(2)
    except EnergyTrackError as error:
        log.critical("stopped by an error", error=str(error), kind=type(error).__name__)
        sys.exit(1)
    except Exception:
        log.critical("stopped by a bug", exc_info=True)
        sys.exit(1)


@contextmanager
def _stopped_by_signals(stop: threading.Event, seconds: float) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`; a service that has not ended `seconds` later is aborted."""
    ended = threading.Event()

    def guard() -> None:
        stop.wait()
        if not ended.wait(seconds):
            _break_off(seconds)

    threading.Thread(target=guard, daemon=True, name="guard").start()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        ended.set()
        for number, handler in before.items():
            signal.signal(number, handler)


def _break_off(seconds: float) -> None:
    """End the process at once: nothing of the unfinished batch is committed, so it will be taken again."""
    log.error("aborted in the middle of a batch, which will be processed again", waited_seconds=seconds)
    sys.stderr.flush()
    os._exit(1)


@contextmanager
def _serving(pages: Any, settings: ServiceSettings) -> Iterator[None]:
    host, port = settings.metrics_host, settings.metrics_port
    try:
        server = make_server(host, port, pages, server_class=PagesServer, handler_class=PagesHandler)
    except OSError as error:
        raise PortTaken(f"{host}:{port}", settings.variable("metrics_port"), str(error.strerror).lower()) from error
    with server:
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True, name="metrics").start()
        try:
            yield
        finally:
            server.shutdown()


def _pages(service: Service) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not is_ours(environ.get("HTTP_HOST", "")):  # a stranger's page, see energytrack.running.hosts
            start_response("421 Misdirected Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"this service has another name\n"]
        if path in service.pages:
            page: Iterable[bytes] = service.pages[path](environ, start_response)
            return page
        if path == "/healthz":
            ready, sentence = service.health_answer()
            status = OK if ready else UNAVAILABLE
        elif path == "/livez":
            stuck = service.health.is_stuck()
            status, sentence = (UNAVAILABLE, "stuck") if stuck else (OK, "alive")
        else:
            status, sentence = "404 Not Found", "/metrics, /healthz or /livez"
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{sentence}\n".encode()]

    return app
