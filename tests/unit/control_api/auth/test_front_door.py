from typing import Any

import pytest

from control_api.auth.front_door import BehindFrontDoor


@pytest.mark.parametrize(
    ("sender", "expected"),
    [("127.0.0.1", "203.0.113.9"), ("10.1.2.3", "203.0.113.9"), ("198.51.100.4", "198.51.100.4"), ("", "")],
)
def test_only_the_front_door_names_another_address(sender: str, expected: str) -> None:
    """By its address, or by its network."""
    seen: list[str] = []

    def app(environ: Any, _start: Any) -> list[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return []

    environ: Any = {"REMOTE_ADDR": sender, "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    BehindFrontDoor(app, ["127.0.0.1", "10.0.0.0/8"])(environ, lambda *_: lambda _: None)
    assert seen == [expected]
