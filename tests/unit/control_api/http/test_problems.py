from http import HTTPStatus

import pytest
from flask import Flask, abort

from control_api.http import problems
from control_api.http.problems import TITLES, Problem
from energytrack.errors import BusUnavailable, StoreUnavailable


@pytest.fixture
def app() -> Flask:
    made = Flask("test")
    problems.install(made)

    @made.get("/problem/<code>")
    def problem(code: str) -> str:
        raise Problem(code, "This is why.", {"order": 1})

    @made.get("/status/<int:status>")
    def status(status: int) -> str:
        abort(status)

    @made.get("/kafka")
    def kafka() -> str:
        raise BusUnavailable("nowhere", "away")

    @made.get("/store")
    def store() -> str:
        raise StoreUnavailable("nowhere", "away")

    return made


@pytest.mark.parametrize("code", list(TITLES))
def test_a_problem_has_its_status_its_title_and_its_facts(app: Flask, code: str) -> None:
    response = app.test_client().get(f"/problem/{code}")
    status, title = TITLES[code]
    assert response.json == {
        "type": f"urn:energytrack:problem:{code}",
        "title": title,
        "status": status,
        "detail": "This is why.",
        "order": 1,
    }
    assert response.content_type == "application/problem+json"


def test_errors_of_the_router_are_plain_sentences(app: Flask) -> None:
    """Not a web server's standard text."""
    client = app.test_client()
    missing, wrong_method = client.get("/nothing"), client.delete("/kafka")
    assert missing.json is not None
    assert missing.json["detail"] == "There is nothing at /nothing; see /docs for a list."
    assert wrong_method.json is not None
    assert wrong_method.json["detail"] == "DELETE does not work at /kafka; use GET, HEAD."
    assert client.get("/status/413").status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert client.get("/status/500").json["detail"].startswith("Internal error")  # type: ignore[index]


@pytest.mark.parametrize(("path", "code"), [("/kafka", "kafka_away"), ("/store", "store_away")])
def test_a_server_that_is_away_is_named_and_asked_again_later(app: Flask, path: str, code: str) -> None:
    response = app.test_client().get(path)
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.json is not None
    assert response.json["type"].endswith(code)
    assert response.headers["Retry-After"] == "5"
