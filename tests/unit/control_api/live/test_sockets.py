"""The door before live connections. What is behind it is tried over real sockets (tests/integration)."""

from collections.abc import Callable, Iterable

import pytest
from flask import Request
from werkzeug.test import Client

from control_api.live.seats import Seat, Seats
from control_api.live.sockets import LiveConnectionGuard, no_seat
from energytrack.errors import StoreUnavailable


def behind(environ: object, start: Callable[..., object]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"in"]


def a_door(caller_of: Callable[[Request], str | None], *, has_room: bool = False, seats: Seats | None = None) -> Client:
    return Client(LiveConnectionGuard(behind, caller_of, lambda: has_room, seats or Seats(50, list)))


def nobody(_request: Request) -> None:
    return None


def answer(path: str, caller_of: Callable[[Request], str | None]) -> tuple[int, bytes]:
    response = a_door(caller_of).get(path, headers={"Authorization": "Bearer x"})
    return response.status_code, response.data


def test_a_stranger_is_refused_before_the_upgrade() -> None:
    """And their connection is closed: they hold no thread."""
    response = a_door(nobody).get("/socket.io/?EIO=4&transport=websocket")
    assert (response.status_code, response.data) == (401, b"")
    assert response.headers["Connection"] == "close"


def test_who_may_watch_goes_in() -> None:
    """They are asked by the request itself, with its cookie."""
    seen: list[str | None] = []

    def caller_of(request: Request) -> str:
        seen.append(request.cookies.get("grafana_session"))
        return "grafana:maria"

    client = a_door(caller_of)
    client.set_cookie("grafana_session", "maria")
    assert client.get("/socket.io/?EIO=4").data == b"in"
    assert seen == ["maria"]


def test_while_the_database_is_away_nobody_is_a_stranger() -> None:
    """Try again later, not: sign in."""

    def away(_request: Request) -> str:
        raise StoreUnavailable("nowhere", "away")

    assert answer("/socket.io/?EIO=4", away) == (503, b"")


@pytest.mark.parametrize("path", ["/socket.io/?EIO=4&sid=abc", "/api/devices", "/"])
def test_who_is_in_already_and_who_wants_something_else_passes(path: str) -> None:
    """A connection that was admitted has an id; all other routes have a guard of their own."""
    assert answer(path, nobody) == (200, b"in")


def test_a_few_strangers_may_come_in_and_introduce_themselves() -> None:
    """Whoever shows anything is judged by it."""
    asked: list[str] = []

    def caller_of(request: Request) -> None:
        asked.append(request.path)

    door = a_door(caller_of, has_room=True)
    assert door.get("/socket.io/?EIO=4").data == b"in"
    assert door.get("/socket.io/?EIO=4", headers={"Authorization": "Bearer x"}).status_code == 401
    assert asked == ["/socket.io/"]


def test_who_has_too_many_is_told_so_before_the_upgrade() -> None:
    """In the API's format of errors, which the page and a script can show."""
    seats = Seats(1, lambda: [Seat("grafana:maria")])
    path, headers = "/socket.io/?EIO=4&transport=websocket", {"Authorization": "Bearer x"}
    refused = a_door(lambda _: "grafana:maria", seats=seats).get(path, headers=headers)
    assert refused.status_code == 429
    assert refused.json == {
        "type": "urn:energytrack:problem:too_many_requests",
        "title": "Too many requests",
        "status": 429,
        "detail": no_seat(1),
    }
    assert refused.headers["Connection"] == "close"
    assert a_door(lambda _: "grafana:victor", seats=seats).get(path, headers=headers).data == b"in"
