"""Limits on what one caller may send."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from control_api.auth.limits import DOWNLOADS_AT_ONCE, UPLOADS_AT_ONCE
from control_api.serving.arrival import MAX_WAITED_FOR_BYTES
from testkit.dates import DAY
from testkit.patience import seconds_here
from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest


class TestLimits:
    def test_one_caller_does_not_crowd_out_the_others(self, plant: ApiUnderTest) -> None:
        """Changes are counted by person; others go on."""
        codes = {order(plant.client, device_id=f"none-{n}").status_code for n in range(121)}
        assert codes == {404, 429}
        assert problem(order(plant.client)) == (429, "too_many_requests")
        assert order(plant.script("Editor")).status_code == 202

    @pytest.mark.parametrize(
        ("path", "length"), [("/api/bulk", MAX_WAITED_FOR_BYTES + 1), ("/api/imports/inspect?name=a.csv", 100)]
    )
    def test_one_caller_sends_few_long_bodies_at_once(self, plant: ApiUnderTest, path: str, length: int) -> None:
        """Each occupies a thread while it arrives; others send theirs, and the caller again once one has ended."""
        arriving, arrive = threading.Semaphore(0), threading.Event()
        angry, calm = plant.script("Editor", "angry"), plant.script("Editor", "calm")

        class Slow(io.RawIOBase):
            def readinto(self, _buffer: Any) -> int:
                arriving.release()
                assert arrive.wait(seconds_here(30))
                return 0

        def upload(client: FlaskClient, body: io.IOBase) -> tuple[int, str]:
            sent = {"wsgi.input": body, "CONTENT_LENGTH": str(length)}
            return problem(client.post(path, environ_overrides=sent))

        with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
            held = [pool.submit(upload, angry, Slow()) for _ in range(UPLOADS_AT_ONCE)]
            for _ in held:
                assert arriving.acquire(timeout=seconds_here(30))
            assert upload(angry, io.BytesIO()) == (429, "too_many_requests")
            assert upload(calm, io.BytesIO())[0] != 429
            arrive.set()
        assert {one.result()[0] for one in held} != {429}
        assert upload(angry, io.BytesIO())[0] != 429

    def test_one_caller_downloads_few_files_at_once(self, plant: ApiUnderTest) -> None:
        """Each occupies a thread until it has been read, or its reader has gone."""
        angry, calm = plant.script("Viewer", "angry"), plant.script("Viewer", "calm")
        path = f"/api/energy.csv?from={DAY}&to={DAY}"
        held = [angry.get(path) for _ in range(DOWNLOADS_AT_ONCE)]
        assert {one.status_code for one in held} == {200}
        assert problem(angry.get(path)) == (429, "too_many_requests")
        assert calm.get(path).status_code == 200
        held[0].close()
        assert held[1].get_data()
        assert [angry.get(path).status_code for _ in range(3)] == [200, 200, 429]
        assert angry.get("/api/devices").status_code == 200

    def test_an_oversized_body_is_refused(self, plant: ApiUnderTest) -> None:
        """Before it is read."""
        assert problem(order(plant.client, reason="x" * 200_000)) == (413, "request_entity_too_large")

    def test_a_replayed_order_is_the_first_one(self, plant: ApiUnderTest) -> None:
        """The same key never orders twice, not even after the answer."""
        first = order(plant.client, key="k").get_json()
        plant.answer(plant.commands()[0])
        assert order(plant.client, key="k").get_json()["command_id"] == first["command_id"]
        assert len(plant.commands()) == 1
