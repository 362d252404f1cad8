from typing import Any

import pytest
from flask import Flask, Response

from control_api import change_notifications


class Counter:
    """A store's change counter that remembers what was counted."""

    def __init__(self) -> None:
        self.counted: list[str] = []

    def record(self, kind: str) -> None:
        self.counted.append(kind)


@pytest.mark.parametrize(
    ("method", "path", "status", "expected"),
    [
        ("POST", "/api/devices/cnc-0007/lock", 201, ["locks"]),
        ("DELETE", "/api/devices/cnc-0007/lock", 200, ["locks"]),
        ("POST", "/api/alerts", 200, ["alarms"]),
        ("POST", "/api/alarms/abc/snooze", 200, ["alarms"]),
        ("DELETE", "/api/schedules/1", 200, ["schedules"]),
        ("POST", "/api/schedules", 422, []),
        ("GET", "/api/alarms/abc", 200, []),
    ],
)
def test_only_a_change_is_reported(method: str, path: str, status: int, expected: list[str]) -> None:
    app, counter = Flask("test"), Counter()
    change_notifications.install(app, counter)  # type: ignore[arg-type]

    @app.route("/<path:_any>", methods=["GET", "POST", "DELETE"])
    def view(_any: Any) -> Response:
        return Response(status=status)

    app.test_client().open(path, method=method)
    assert counter.counted == expected
