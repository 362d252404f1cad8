"""Files that people upload are read one after the other."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from control_api.imports import turn
from energytrack.importer import reader
from testkit.patience import seconds_here
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest

BYTES = "application/octet-stream"


def test_files_are_read_one_at_a_time(plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may take ten times its size in memory: 60 small archives at once would end the service for everybody."""
    monkeypatch.setattr(turn, "TURN_SECONDS", 1.0)
    angry, calm = plant.script("Editor", "angry"), plant.script("Editor", "calm")
    begun, go_on = threading.Event(), threading.Event()
    read = reader.read_bytes

    def slowly(*args: Any, **options: Any) -> Any:
        begun.set()
        assert go_on.wait(seconds_here(30))
        return read(*args, **options)

    def look(client: FlaskClient) -> tuple[int, str]:
        return problem(client.post("/api/imports/inspect?name=press.csv", data=b"%PDF", content_type=BYTES))

    monkeypatch.setattr(reader, "read_bytes", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(look, angry)
        assert begun.wait(seconds_here(30))
        assert look(calm) == (429, "too_many_requests"), "it waited for its turn in vain"
        go_on.set()
        assert first.result() == (422, "unreadable_file")
    assert look(calm) == (422, "unreadable_file")
