"""Who a Grafana session lets in, and for how long."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from control_api.auth.grafana import CACHE_SECONDS_WHILE_SLOW, SLOW_FOR, UNKNOWN_WHILE_SLOW, GrafanaSessions
from control_api.http.problems import Problem
from energytrack.clock import ManualClock
from testkit.dates import NOW
from testkit.patience import seconds_here
from testkit.stack.servers import eventually
from testkit.stand_ins.grafana import GrafanaStandIn
from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest


def test_a_role_that_is_taken_away_counts_within_seconds(plant: ApiUnderTest, grafana: GrafanaStandIn) -> None:
    """Grafana is asked again when its answer is five seconds old, and not before."""
    assert plant.client.get("/api/auth").get_json()["role"] == "Editor"
    grafana.roles["maria"] = "Viewer"
    assert plant.client.get("/api/auth").get_json()["role"] == "Editor"
    assert grafana.asked == 1
    plant.clock.advance(6)
    assert problem(order(plant.client)) == (403, "not_allowed")


def test_a_disabled_user_is_nobody(plant: ApiUnderTest, grafana: GrafanaStandIn) -> None:
    """As is one without a role in our organisation."""
    grafana.disabled.add("maria")
    grafana.roles["noone"] = "None"
    assert problem(plant.client.get("/api/auth")) == (401, "not_signed_in")
    assert problem(plant.signed_in("noone").get("/api/auth")) == (401, "not_signed_in")


def test_while_grafana_is_away_nobody_gets_in_by_it(plant: ApiUnderTest, grafana: GrafanaStandIn) -> None:
    """Tokens go on working; its return is noticed at once."""
    grafana.away = True
    assert problem(plant.client.get("/api/auth")) == (401, "not_signed_in")
    assert plant.script("Editor").get("/api/auth").status_code == 200
    grafana.away = False
    assert plant.client.get("/api/auth").status_code == 200


def test_invented_sessions_hold_few_threads_while_grafana_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that it has confirmed still gets in, and so does everybody once it is fast again."""
    clock = ManualClock(NOW)
    goes_on = threading.Event()
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        cookie = request.headers["Cookie"]
        if "maria" not in cookie:
            asked.append(cookie)
            goes_on.wait(seconds_here(20))
            return httpx.Response(401)
        if request.url.path == "/api/user":
            return httpx.Response(200, json={"login": "maria"})
        return httpx.Response(200, json=[{"orgId": 1, "role": "Editor"}])

    sessions = GrafanaSessions("http://grafana", org_id=1, clock=clock, transport=httpx.MockTransport(answer))
    assert sessions.identity("maria") is not None
    with ThreadPoolExecutor(UNKNOWN_WHILE_SLOW) as strangers:
        invented = [strangers.submit(sessions.identity, f"invented-{number}") for number in range(UNKNOWN_WHILE_SLOW)]
        eventually(lambda: len(asked) == UNKNOWN_WHILE_SLOW)
        clock.advance(6)
        with pytest.raises(Problem, match="is slow"):
            sessions.identity("one-more")
        assert sessions.identity("maria") is not None
        clock.advance(6)
        monkeypatch.setattr("control_api.auth.grafana.KNOWN_WHILE_SLOW", 0)
        assert sessions.identity("maria") is not None, "by its answer of six seconds ago"
        clock.advance(CACHE_SECONDS_WHILE_SLOW)
        with pytest.raises(Problem, match="is slow"):
            sessions.identity("maria")
        goes_on.set()
        assert [each.result() for each in invented] == [None] * UNKNOWN_WHILE_SLOW
    clock.advance(SLOW_FOR)
    assert sessions.identity("one-more") is None
    assert len(asked) == UNKNOWN_WHILE_SLOW + 1
