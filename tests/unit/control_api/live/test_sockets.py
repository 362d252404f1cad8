"""The door before live connections. What is behind it is tried over real sockets (tests/integration)."""

from collections.abc import Callable, Iterable

import pytest
from flask import Request
from werkzeug.test import Client

from control_api.live.sockets import LiveConnectionGuard
from energytrack.errors import StoreUnavailable


def behind(environ: object, start: Callable[..., object]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"in"]


def answer(path: str, admits: Callable[[Request], bool]) -> tuple[int, bytes]:
    response = Client(LiveConnectionGuard(behind, admits, lambda: False)).get(
        path, headers={"Authorization": "Bearer x"}
    )
    return response.status_code, response.data


def test_a_stranger_is_refused_before_the_upgrade() -> None:
    """And their connection is closed: they hold no thread."""
    response = Client(LiveConnectionGuard(behind, lambda _: False, lambda: False)).get(
        "/socket.io/?EIO=4&transport=websocket"
    )
    assert (response.status_code, response.data) == (401, b"")
    assert response.headers["Connection"] == "close"


def test_who_may_watch_goes_in() -> None:
    """They are asked by the request itself, with its cookie."""
    seen: list[str | None] = []

    def admits(request: Request) -> bool:
        seen.append(request.cookies.get("grafana_session"))
        return True

    client = Client(LiveConnectionGuard(behind, admits, lambda: False))
    client.set_cookie("grafana_session", "maria")
    assert client.get("/socket.io/?EIO=4").data == b"in"
    assert seen == ["maria"]


def test_while_the_database_is_away_nobody_is_a_stranger() -> None:
    """Try again later, not: sign in."""

    def away(_request: Request) -> bool:
        raise StoreUnavailable("nowhere", "away")

    assert answer("/socket.io/?EIO=4", away) == (503, b"")


@pytest.mark.parametrize("path", ["/socket.io/?EIO=4&sid=abc", "/api/devices", "/"])
def test_who_is_in_already_and_who_wants_something_else_passes(path: str) -> None:
    """A connection that was admitted has an id; all other routes have a guard of their own."""
    assert answer(path, lambda _: False) == (200, b"in")


def test_a_few_strangers_may_come_in_and_introduce_themselves() -> None:
    """Whoever shows anything is judged by it."""
    asked: list[str] = []

    def admits(request: Request) -> bool:
        asked.append(request.path)
        return False

    door = LiveConnectionGuard(behind, admits, lambda: True)
    assert Client(door).get("/socket.io/?EIO=4").data == b"in"
    assert Client(door).get("/socket.io/?EIO=4", headers={"Authorization": "Bearer x"}).status_code == 401
    assert asked == ["/socket.io/"]
