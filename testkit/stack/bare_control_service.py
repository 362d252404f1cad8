"""The control API's server and its live connections alone, without a broker or a database.

What strangers do to it can be tried within seconds. `/work` and `/sign-in` read the request's body; whoever has a
header `Authorization`, of whatever content, may watch. `/left` is a live connection whose end a thread closes
once the request is over, as the WebSocket library may.
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx
from flask import Flask, Request, request

from control_api.live import sockets
from control_api.live.sockets import Sockets
from control_api.serving.server import serve
from control_api.serving.worker import BufferingWorker
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, free_ports

THREADS: Final = 4
LIVE_THREADS: Final = 40
LEFT_SECONDS: Final = 0.3
EACH: Final = 10
"""Live connections that one `Authorization` may have."""
BODY_SECONDS: Final = 4.0
LOOK_SECONDS: Final = 0.5


def application() -> Flask:
    """An application that answers at once."""
    app = Flask("bare")
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000

    @app.get("/healthz")
    def healthz() -> str:
        return "ready\n"

    @app.route("/work", methods=["GET", "POST"])
    @app.route("/sign-in", methods=["POST"])
    def work() -> str:
        return f"{len(request.get_data())} bytes\n"

    @app.get("/api/table.csv")
    def table() -> Iterator[bytes]:
        return (b"0" * 65_536 for _ in range(1000))

    closed: list[bool] = []

    def close(line: socket.socket) -> None:
        line.close()
        closed.append(True)

    @app.get("/left")
    def left() -> str:
        threading.Timer(LEFT_SECONDS, close, [request.environ["gunicorn.socket"]]).start()
        return "left\n"

    @app.get("/closed")
    def number_closed() -> str:
        return str(len(closed))

    sockets = Sockets(app, origins=[], caller_of=_shown, each=EACH)
    sockets.on_connect(lambda request, _sid, _token: _refusal(sockets, request))
    sockets.on_disconnect(lambda _sid: None)
    sockets.on("watch", lambda sid, rooms: sockets.send("schedules", rooms, room=sid))
    threading.Thread(target=_look_after, args=(sockets,), daemon=True).start()
    return app


def _shown(request: Request) -> str | None:
    return request.headers.get("Authorization")


def _refusal(sockets: Sockets, request: Request) -> str | None:
    caller = _shown(request)
    return "not signed in" if caller is None else sockets.refusal(request, caller)


def _look_after(sockets: Sockets) -> None:
    """As the service does every second."""
    never, now = threading.Event(), 0.0
    while not never.wait(LOOK_SECONDS):
        now += LOOK_SECONDS
        sockets.drop_strangers(now)
        sockets.drop_slow()


@contextmanager
def bare_service() -> Iterator[tuple[str, int]]:
    """Its address and its port, while it runs in a process of its own."""
    port = free_ports().control_api
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen([sys.executable, "-m", "testkit.stack.bare_control_service", str(port)]) as child:
        try:
            eventually(lambda: _answers(url), 30)
            yield url, port
        finally:
            child.kill()  # its worker ends with it


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5).text == "ready\n"
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    BufferingWorker.body_seconds = BODY_SECONDS
    sockets.INTRODUCTION_SECONDS = seconds_here(sockets.INTRODUCTION_SECONDS)  # type: ignore[misc]
    serve(
        application, host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS, live=LIVE_THREADS, stopping=lambda: None
    )
