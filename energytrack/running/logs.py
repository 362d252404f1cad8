"""The log: events with fields, one per line, on stderr; includes libraries, without their repetitions."""

import logging
import sys
import time
from collections.abc import Callable
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter
from structlog.typing import EventDict, Processor

CHATTY: Final = ("kafka",)
"""Libraries that repeat a message at each attempt while a problem lasts."""
REPEAT_SECONDS: Final = 300.0
QUIET: Final = ("kafka.net.selector", "kafka.net.sasl")
"""Libraries whose warnings nobody can act on: a busy computer, and no encryption inside one computer."""


def configure_logging(*, level: str, log_format: str, service: str, registry: CollectorRegistry | None = None) -> None:
    """Send events with fields to stderr, and count warnings in `registry` if given."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_service(service),
    ]
    renderers: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    if registry is not None:
        handler.addFilter(_Counted(registry))
    handler.addFilter(Repeats(time.monotonic))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for library in CHATTY:
        logging.getLogger(library).setLevel("WARNING")
    for library in QUIET:
        logging.getLogger(library).setLevel("ERROR")
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
    )


def _with_service(service: str) -> Processor:
    def add_service(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return add_service


class Repeats(logging.Filter):
    """Limits each message of such a library to once in five minutes."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is new; a message is the same if only its arguments differ."""
        if record.name.partition(".")[0] not in CHATTY:
            return True
        sentence, now = (record.name, str(record.msg)[:200]), self._monotonic()
        if now - self._said.get(sentence, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return False
        self._said[sentence] = now
        return True


class _Counted(logging.Filter):
    """Counts warnings and errors by the module that logs them, including repetitions."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__()
        self._warnings = Counter(
            "energytrack_warnings",
            "Warnings and errors logged by a service, by module.",
            ["module"],
            registry=registry,
        )

    def filter(self, record: logging.LogRecord) -> bool:
        """Count, and let the record pass."""
        if record.levelno >= logging.WARNING:
            self._warnings.labels(record.name).inc()
        return True
