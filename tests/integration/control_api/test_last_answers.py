"""A database that somebody's query keeps busy: people see what was last known, and how old it is."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from werkzeug.test import TestResponse

from control_api import last_answers
from control_api.app import create_app
from control_api.auth.access import SESSION_COOKIE
from control_api.auth.credentials import sign_in_link
from control_api.auth.permissions import LEAST_ROLES
from control_api.http.ages import note_age
from control_api.last_answers import Answer, LastAnswers, is_kept
from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
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
WITHOUT_DATABASE = ("/api/duty", "/api/peak")


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
    with ThreadPoolExecutor(8) as pool:
        asked = {path: pool.submit(seen_by, plant.signed_in("victor"), path) for path in before}
    answers = {path: one.result() for path, one in asked.items()}
    assert {path: (seen.status_code, age_of(seen)) for path, (seen, _) in answers.items()} == {
        path: (200, 0 if path in WITHOUT_DATABASE else 41) for path in before
    }
    for path, (seen, took) in answers.items():
        assert took < seconds_here(8), path
        if path in QUESTIONS:
            assert seen.data == before[path].data
    shown = plant.client.get("/api/devices?limit=500").get_json()
    assert shown["age_seconds"] == 41.0
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


@pytest.mark.slow
def test_nobody_sees_what_was_before_their_own_change(plant: ApiUnderTest, stall: Callable[[], None]) -> None:
    """But a sentence, until the database answers; others see what it was, and when that was."""
    questions = ("/api/locks", "/api/devices?limit=500")
    for path in questions:
        assert plant.client.get(path).status_code == 200
    plant.clock.advance(10)
    assert plant.client.post("/api/devices/press-0001/lock", json={"reason": "blade change"}).status_code == 201
    stall()
    plant.clock.advance(10)
    for path in questions:
        assert (path, plant.client.get(path).status_code) == (path, 503)
        other = plant.signed_in("victor").get(path)
        assert (path, other.status_code, age_of(other)) == (path, 200, 20)


def test_each_question_is_asked_anew_while_another_is_slow() -> None:
    """Once in vain, and its own last answer is given at once for a second."""
    clock, slow, asked = ManualClock(EVENING), set[str](), list[str]()

    def view(name: str) -> Response:
        asked.append(name)
        if name in slow:
            raise StoreUnavailable("nowhere", "slow")
        return Response(name)

    client = an_app(LastAnswers(clock, within=lambda _: nullcontext()), view).test_client()
    for name in ("bill", "locks"):
        client.get(f"/{name}")
    clock.advance(7)
    slow.add("bill")
    asked.clear()
    assert [age_of(client.get(f"/{name}")) for name in ("bill", "locks", "bill")] == [7, 0, 7]
    assert asked == ["bill", "locks"]
    clock.advance(1)
    assert age_of(client.get("/bill")) == 8
    assert asked == ["bill", "locks", "bill"]


def test_an_answer_is_from_when_its_reading_began() -> None:
    """Or from when what it is made of was read; a reading that began earlier does not replace it."""
    clock, turns = ManualClock(EVENING), iter(range(3))
    answers = LastAnswers(clock, within=lambda _: nullcontext())

    def view(name: str) -> Response:
        turn = next(turns)
        if turn == 0:
            clock.advance(3)
            assert app.test_client().get(f"/{name}").data == b"1"
        if turn == 2:
            note_age(41.0)
        return Response(str(turn))

    app = an_app(answers, view)
    assert app.test_client().get("/locks").data == b"0"
    assert answers.last("/locks?") == Answer(b"1", "text/html; charset=utf-8", 3.0, 0.0)
    clock.advance(100)
    assert age_of(app.test_client().get("/locks")) == 41
    kept = answers.last("/locks?")
    assert kept is not None
    assert kept.at == 62.0


def test_what_is_gone_is_not_shown_again() -> None:
    answers, status = LastAnswers(ManualClock(EVENING), within=lambda _: nullcontext()), [200]
    client = an_app(answers, lambda name: Response(name, status[0])).test_client()
    for gone in (404, 410):
        status[0] = 200
        client.get("/case")
        assert answers.last("/case?") is not None
        status[0] = gone
        client.get("/case")
        assert answers.last("/case?") is None


def test_nobody_waits_ever_longer() -> None:
    """A question that is slow by nature gets three times as long as before, and two minutes at most."""
    clock, given, takes = ManualClock(EVENING), list[float](), [0.0]

    @contextmanager
    def within(seconds: float) -> Iterator[None]:
        given.append(seconds)
        yield

    def view(name: str) -> Response:
        clock.advance(takes[0])
        return Response(name)

    client = an_app(LastAnswers(clock, within=within), view).test_client()
    for seconds in (0.1, 1.5, 4.0, 50.0, 0.1, 0.1):
        takes[0] = seconds
        client.get("/bill")
    assert given == pytest.approx([2.0, 4.5, 12.0, 120.0, 2.0])


def test_answers_fill_a_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten; one that is too long is not kept, and arrives whole."""
    monkeypatch.setattr(last_answers, "MOST_BYTES", 4300)
    monkeypatch.setattr(last_answers, "MOST_BYTES_EACH", 300)
    answers = LastAnswers(ManualClock(EVENING), within=lambda _: nullcontext())
    client = an_app(answers, lambda name: Response(iter(["x" * 100] * (int(name) // 100)))).test_client()
    for size in (200, 300, 400, 900):
        for turn in range(3):
            assert len(client.get(f"/{size}?turn={turn}").data) == size
    kept = [f"/{size}?turn={turn}" for size in (200, 300, 400, 900) for turn in range(3)]
    assert [question for question in kept if answers.last(question)] == [f"/300?turn={turn}" for turn in range(3)]


def test_questions_fill_a_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever invents long ones, or many without an answer, displaces others, and no more."""
    clock = ManualClock(EVENING)
    answers = LastAnswers(clock, within=lambda _: nullcontext())
    client = an_app(answers, lambda name: Response("" if name else None)).test_client()

    def kept(questions: Sequence[str]) -> Sequence[str]:
        for question in questions:
            client.get(question)
        return [question for question in questions if answers.last(question)]

    assert kept([f"/x?{'y' * 997}", f"/x?{'y' * 998}"]) == [f"/x?{'y' * 997}"]
    monkeypatch.setattr(last_answers, "MOST_BYTES", 20_000)
    assert len(kept([f"/x?{turn}{'y' * 900}" for turn in range(20)])) == 10
    monkeypatch.setattr(last_answers, "MOST_ANSWERS", 5)
    assert kept([f"/x?{turn}" for turn in range(20)]) == [f"/x?{turn}" for turn in range(15, 20)]
    clock.advance(901)
    client.get("/y")
    clock.advance(-901)
    assert [turn for turn in range(20) if answers.last(f"/x?{turn}")] == []


@pytest.mark.parametrize("size", [200, 900])
def test_what_streams_an_answer_is_closed(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Also if the answer is too long to be kept, and nobody reads it to its end."""
    monkeypatch.setattr(last_answers, "MOST_BYTES_EACH", 300)
    closed: list[bool] = []

    class Parts:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"x" * 100] * (size // 100))

        def close(self) -> None:
            closed.append(True)

    app = an_app(
        LastAnswers(ManualClock(EVENING), within=lambda _: nullcontext()),
        lambda name: Response(Parts() if name else None),
    )
    app.test_client().get("/export", buffered=False).close()
    assert closed


def test_pages_of_partners_read_the_age_of_an_answer(plant: ApiUnderTest) -> None:
    """And when to try again: browsers hide headers that are not named."""
    partner = "https://mes.example"
    settings = plant.services.settings.model_copy(update={"partner_origins": partner})
    app = create_app(replace(plant.services, settings=settings, registry=CollectorRegistry()), is_ready=lambda: True)
    token = plant.script("Viewer").environ_base["HTTP_AUTHORIZATION"]
    seen = app.test_client().get("/api/cases", headers={"Origin": partner, "Authorization": token})
    assert seen.headers["Access-Control-Allow-Origin"] == partner
    assert seen.headers["Access-Control-Expose-Headers"] == "Age, Retry-After"


def an_app(answers: LastAnswers, view: Callable[[str], Response]) -> Flask:
    """One with a single view, at `/<name>`, whose answers are kept."""
    app = Flask(__name__)
    app.add_url_rule("/<name>", "some", answers.around(view))
    app.after_request(answers.finished)
    return app


def seen_by(client: FlaskClient, path: str) -> tuple[TestResponse, float]:
    """A response, and the seconds that it took."""
    begin = time.monotonic()
    return client.get(path), time.monotonic() - begin


def age_of(answer: TestResponse) -> int:
    return int(answer.headers.get("Age", 0))
