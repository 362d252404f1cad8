"""What a container's health check runs."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy.compose import healthy


class _Service(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()
        self.wfile.write(b"Kafka at kafka:9092 has not answered for 4 min\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), _Service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("variable", healthy.PORTS)
def test_a_service_that_is_ready_is_healthy(port: int, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, str(port))
    assert healthy.main() == 0


def test_one_that_waits_is_not_and_says_for_whom(
    port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENERGYTRACK_METRICS_PORT", str(port))
    monkeypatch.setattr(_Service, "status", 503)
    assert healthy.main() == 1
    assert capsys.readouterr().err == "not ready: Kafka at kafka:9092 has not answered for 4 min\n"


def test_one_that_does_not_listen_is_not(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ENERGYTRACK_METRICS_PORT", "1")
    assert healthy.main() == 1
    assert "not ready" in capsys.readouterr().err
