"""Gunicorn's settings. How it then serves is tested on real connections (tests/integration)."""

import logging
import resource
from typing import Any

import pytest
from flask import Flask

from control_api.serving import server
from control_api.serving.worker import BufferingWorker


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The configuration that it would run with."""
    seen: dict[str, Any] = {}
    monkeypatch.setattr(server._Gunicorn, "run", lambda made: seen.update(made.cfg.settings, server=made))
    monkeypatch.setattr(server, "_most_connections", lambda live: 500 + live)
    monkeypatch.setattr(BufferingWorker, "live_threads", BufferingWorker.live_threads)
    return seen


def serve(**how: Any) -> None:
    given: dict[str, Any] = {"host": "127.0.0.1", "port": 8000, "threads": 9, "live": 7, "stopping": lambda: None}
    server.serve(lambda: Flask("test"), **(given | how))


def test_one_process_with_the_threads_of_the_settings(options: dict[str, Any]) -> None:
    """Live connections and limits are in its memory; live connections have threads of their own."""
    serve()
    assert (options["workers"].get(), options["threads"].get(), options["worker_connections"].get()) == (1, 9, 507)
    assert BufferingWorker.live_threads == 7


@pytest.mark.parametrize(("host", "bind"), [("127.0.0.1", "127.0.0.1:8000"), ("::1", "[::1]:8000")])
def test_it_listens_at_the_configured_address(options: dict[str, Any], host: str, bind: str) -> None:
    serve(host=host)
    assert options["bind"].get() == [bind]


def test_nothing_but_the_code_configures_it(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that was meant for another gunicorn does not open a second port here."""
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--bind=0.0.0.0:9999 --workers=4")
    serve()
    assert (options["bind"].get(), options["workers"].get()) == (["127.0.0.1:8000"], 1)


def test_no_header_decides_which_path_was_asked_for(options: dict[str, Any]) -> None:
    """Gunicorn takes SCRIPT_NAME and PATH_INFO from headers where it is let."""
    serve()
    assert options["forwarder_headers"].get() == []


def test_the_application_is_made_after_the_fork_and_stopped_before_its_end(options: dict[str, Any]) -> None:
    """Nothing connects in the process that only watches."""
    made, stopped = list[str](), list[str]()

    def load() -> Flask:
        made.append("made")
        return Flask("test")

    server.serve(load, host="127.0.0.1", port=0, threads=1, live=1, stopping=lambda: stopped.append("stopped"))
    assert made == []
    options["server"].load()
    options["worker_exit"].get()(None, None)
    assert (made, stopped) == (["made"], ["stopped"])


@pytest.mark.parametrize(
    ("granted", "connections"), [(resource.RLIM_INFINITY, 10_000), (1_000_000, 10_000), (1024, 668), (128, 64)]
)
def test_there_are_as_many_connections_as_there_may_be_open_files(
    monkeypatch: pytest.MonkeyPatch, granted: int, connections: int
) -> None:
    """Some of which are kept for Kafka, the database and files; the soft limit is raised to the hard one."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (256, granted))
    monkeypatch.setattr(resource, "setrlimit", lambda _which, limits: asked.append(limits))
    assert server._most_connections(live=100) == connections
    ((soft, hard),) = asked
    assert hard == granted
    assert soft >= min(connections, 128)


def test_its_log_goes_where_all_other_logs_go(options: dict[str, Any]) -> None:
    """To the root logger's handlers, none of its own; requests are not logged."""
    serve()
    log = options["logger_class"].get()(options["server"].cfg)
    assert log.error_log.handlers == []
    assert log.error_log.propagate
    assert log.error_log.level == logging.WARNING
    assert log.access_log.handlers == []
