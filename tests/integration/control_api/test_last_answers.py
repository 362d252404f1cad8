"""A database that somebody's query keeps busy: people see what was last known, and how old it is."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from flask import Flask, Response
from werkzeug.test import TestResponse

from control_api import last_answers
from control_api.auth.access import SESSION_COOKIE
from control_api.auth.credentials import sign_in_link
from control_api.auth.permissions import LEAST_ROLES
from control_api.last_answers import LastAnswers, is_kept
from energytrack.clock import ManualClock
from energytrack.store import Store
from local.lifecycle.child import Child
from local.services.mongo import mongo_uri as mongo_uri_of
from testkit.builders.control import a_store
from testkit.patience import seconds_here
from testkit.stack.servers import mongo_running, site_in
from tests.integration.control_api.conftest import EVENING, ORIGIN, ApiUnderTest

MACHINES = ("/api/devices?limit=500", "/api/devices/press-0001")
QUESTIONS = (
    "/api/alarms", "/api/cases", "/api/cases?closed=true", "/api/duty", "/api/commands", "/api/locks", "/api/schedules",
    "/api/energy?by=machine&resolution=day", "/api/energy/suspects", "/api/energy/corrections?limit=20",
    "/api/energy/meters", "/api/emissions", "/api/bill", "/api/peak", "/api/production", "/api/stops",
    "/api/baselines", "/api/measures", "/api/devices/press-0001/history", "/api/machines/unknown",
    "/api/machines/records", "/api/imports", "/api/pages", "/api/noise",
)  # fmt: skip
"""What the operators' page asks for, besides machines."""

ASKED_AGAIN = ("/api/alarms", "/api/energy?by=machine&resolution=day", "/api/emissions", "/api/bill", "/api/production")
"""Each asks the database anew; the others are answered at once, because it has just not answered."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[tuple[str, Child]]:
    """One of the test's own."""
    site = site_in(tmp_path)
    with mongo_running(site) as child:
        yield mongo_uri_of(site), child


@pytest.fixture
def store(database: tuple[str, Child]) -> Iterator[Store]:
    with closing(a_store(database[0], "slow")) as opened:
        opened.prepare()
        yield opened


@pytest.fixture
def stall(database: tuple[str, Child]) -> Iterator[Callable[[], None]]:
    """Has the database answer nothing any more until the test is over."""
    process = database[1].process
    yield lambda: process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGCONT)


@pytest.mark.slow
def test_pages_answer_from_what_they_have(plant: ApiUnderTest, stall: Callable[[], None]) -> None:
    """Whatever a page reads is there within seconds, with its age; an order is not decided by memories."""
    plant.says("press-0001")
    before = {path: plant.client.get(path) for path in (*MACHINES, *QUESTIONS)}
    assert {path: (answer.status_code, age_of(answer)) for path, answer in before.items()} == dict.fromkeys(
        before, (200, 0)
    )
    stall()
    plant.clock.advance(41)
    for path, answer in before.items():
        if path in ASKED_AGAIN:
            plant.clock.advance(2)
        begin = time.monotonic()
        seen = plant.client.get(path)
        assert (path, seen.status_code) == (path, 200)
        assert 41 <= age_of(seen) <= 41 + 2 * len(ASKED_AGAIN)
        assert time.monotonic() - begin < seconds_here(8), path
        if path in QUESTIONS:
            assert seen.data == answer.data
    shown = plant.client.get("/api/devices?limit=500").get_json()
    assert shown["age_seconds"] == 41.0 + 2 * len(ASKED_AGAIN)
    assert shown["devices"] == before["/api/devices?limit=500"].get_json()["devices"]
    refused = plant.client.post("/api/restart", json={"device_id": "press-0001", "reason": "x", "override": True})
    assert refused.status_code == 503


@pytest.mark.slow
def test_without_an_earlier_answer_a_sentence_says_so(plant: ApiUnderTest, stall: Callable[[], None]) -> None:
    """Within the time that a request may wait; so it is for an answer that is too old to be shown."""
    plant.client.get("/api/cases")
    plant.clock.advance(901)
    stall()
    for path in ("/api/cases", "/api/alarms"):
        begin = time.monotonic()
        answer = plant.client.get(path)
        assert time.monotonic() - begin < seconds_here(15)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.get_json()["detail"] == (
            "The database does not answer in time, and there is no earlier answer; try again in a few seconds."
        )


@pytest.mark.slow
def test_whoever_was_let_in_can_go_on_reading_and_nobody_else(plant: ApiUnderTest, stall: Callable[[], None]) -> None:
    """A token that was valid a moment ago still reads, but orders nothing; one that is not known yet has to wait."""
    known, unknown = plant.script("Editor"), plant.script("Editor", "another")
    known.get("/api/cases")
    stall()
    assert known.get("/api/cases").status_code == 200
    assert known.post("/api/restart", json={"device_id": "press-0001", "reason": "x"}).status_code == 503
    assert unknown.get("/api/cases").status_code == 503
    assert plant.nobody().get("/api/cases").status_code == 401
    guessed = {"Authorization": f"{known.environ_base['HTTP_AUTHORIZATION']}x"}
    assert plant.nobody().get("/api/cases", headers=guessed).status_code == 503


@pytest.mark.slow
def test_a_token_that_was_revoked_in_the_database_only_reads_for_15_minutes_at_most(
    plant: ApiUnderTest, stall: Callable[[], None]
) -> None:
    """If the database stalls before anybody here has seen it."""
    script, tokens = plant.script("Viewer"), plant.services.store.tokens
    assert script.get("/api/cases").status_code == 200
    for token in tokens.all("token"):
        tokens.revoke(token.token_id, plant.clock.now())
    stall()
    plant.clock.advance(899)
    assert script.get("/api/cases").status_code == 200
    plant.clock.advance(2)
    assert script.get("/api/cases").status_code == 503


def test_a_token_that_was_seen_to_be_revoked_reads_no_more(plant: ApiUnderTest, stall: Callable[[], None]) -> None:
    """What it was before is forgotten."""
    script, tokens = plant.script("Viewer"), plant.services.store.tokens
    assert script.get("/api/cases").status_code == 200
    for token in tokens.all("token"):
        tokens.revoke(token.token_id, plant.clock.now())
    assert script.get("/api/cases").status_code == 401
    stall()
    assert script.get("/api/cases").status_code == 503


@pytest.mark.parametrize("ended", ["by its owner", "by an administrator"])
def test_a_session_that_was_ended_reads_no_more(plant: ApiUnderTest, stall: Callable[[], None], ended: str) -> None:
    """Its cookie has been stolen, and the database stalls before anybody has tried it again."""
    link = sign_in_link(plant.services.credentials, [ORIGIN], by="test", name="zoe")
    person, thief = plant.nobody(), plant.nobody()
    assert person.post("/sign-in", json={"code": link.partition("#code=")[2]}).status_code == 204
    cookie = person.get_cookie(SESSION_COOKIE)
    assert cookie is not None
    thief.set_cookie(SESSION_COOKIE, cookie.value)
    assert thief.get("/api/cases").status_code == 200
    if ended == "by its owner":
        meant = {"Origin": ORIGIN, "X-CSRF-Token": person.get("/api/auth").get_json()["csrf"]}
        assert person.post("/sign-out", headers=meant).status_code == 303
    else:
        assert plant.signed_in("anna").delete("/api/people/zoe").get_json() == {"revoked": 1}
    stall()
    assert thief.get("/api/cases").status_code == 503


def test_a_database_that_answers_is_asked_each_time(plant: ApiUnderTest) -> None:
    assert plant.client.get("/api/locks").get_json()["locks"] == []
    plant.client.post("/api/devices/press-0001/lock", json={"reason": "blade change"})
    assert [lock["device_id"] for lock in plant.client.get("/api/locks").get_json()["locks"]] == ["press-0001"]


def test_what_pages_read_is_kept_and_nothing_else(plant: ApiUnderTest) -> None:
    """Not who asks, no file, and nothing that not every Viewer may read."""
    kept = {rule.rule for rule in plant.app.url_map.iter_rules() if is_kept(rule)}
    asked = {path.split("?")[0].replace("press-0001", "<string:device_id>") for path in QUESTIONS}
    assert kept > asked
    assert {route for route in kept if LEAST_ROLES[f"GET {route}"] != "Viewer"} == set()
    assert kept.isdisjoint({"/api/auth", "/api/people", "/api/devices", "/api/energy.csv", "/api/report.pdf"})


def test_answers_fill_a_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten; one that is too long is not kept, and arrives whole."""
    monkeypatch.setattr(last_answers, "MOST_BYTES", 1000)
    monkeypatch.setattr(last_answers, "MOST_BYTES_EACH", 300)
    answers = LastAnswers(ManualClock(EVENING), within=lambda _: nullcontext())
    app = Flask(__name__)
    app.add_url_rule("/<int:size>", "some", answers.around(lambda size: Response(iter(["x" * 100] * (size // 100)))))
    client = app.test_client()
    for size in (200, 300, 400, 900):
        for turn in range(3):
            assert len(client.get(f"/{size}?turn={turn}").data) == size
    kept = [f"/{size}?turn={turn}" for size in (200, 300, 400, 900) for turn in range(3)]
    assert [question for question in kept if answers.last(question)] == [f"/300?turn={turn}" for turn in range(3)]


def age_of(answer: TestResponse) -> int:
    return int(answer.headers.get("Age", 0))
