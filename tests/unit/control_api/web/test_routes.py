"""The operators' page: who gets a page, and who data."""

from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

import control_api.web
from control_api.settings import ControlApiSettings
from control_api.web import api_docs, assets, languages
from control_api.web.routes import is_for_a_person, pages_blueprint, shows_a_page
from energytrack.plant import load_plant
from testkit.builders.plants import PLANT_FILE

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
WEB = Path(control_api.web.__file__).parent


def an_app(**env: str) -> Flask:
    app = OpenAPI("test", template_folder=str(WEB / "templates"), static_folder=str(WEB / "static"), doc_ui=False)
    app.register_blueprint(api_docs.blueprint(app))
    languages.install(app, "en")
    app.register_blueprint(pages_blueprint(ControlApiSettings.from_env(env), load_plant(PLANT_FILE)))
    return app


@pytest.fixture
def client() -> FlaskClient:
    return an_app().test_client()


@pytest.mark.parametrize(
    ("path", "method", "accept", "person"),
    [
        ("/nowhere", "GET", "text/html", True),
        ("/nowhere", "HEAD", "text/html", True),
        ("/nowhere", "POST", "text/html", False),
        ("/nowhere", "GET", "application/json", False),
        ("/nowhere", "GET", "*/*", False),  # curl
        ("/api/nowhere", "GET", "text/html", False),
        ("/static/nowhere.js", "GET", "text/html", False),
    ],
)
def test_a_browser_that_asks_for_a_page_is_distinguished_from_a_script(
    path: str, method: str, accept: str, person: bool
) -> None:
    with an_app().test_request_context(path, method=method, headers={"Accept": accept}):
        assert is_for_a_person(request) is person
        assert shows_a_page(request) is person


@pytest.mark.parametrize("path", ["/", "/devices/cnc-0007", "/alarms", "/schedules", "/orders"])
def test_every_view_has_a_page_of_its_own(client: FlaskClient, path: str) -> None:
    """It names the machine, and the zone in which the plant tells the time."""
    page = client.get(path).text
    view = {"/": "fleet", "/devices/cnc-0007": "device"}.get(path, path[1:])
    assert f'data-view="{view}"' in page
    assert f'data-device="{"cnc-0007" if view == "device" else ""}"' in page
    assert 'data-zone="Europe/Berlin"' in page
    assert 'data-silent="300"' in page


def test_what_an_address_says_is_text_on_the_page(client: FlaskClient) -> None:
    for path in ("/devices/<b>", "/<b>"):
        page = client.get(path, headers=BROWSER).text
        assert "&lt;b&gt;" in page
        assert "<b>" not in page


def test_there_are_links_to_dashboards_only_where_there_is_grafana(client: FlaskClient) -> None:
    assert "Dashboards" not in client.get("/").text
    grafana = an_app(ENERGYTRACK_CONTROL_API_GRAFANA_URL="http://127.0.0.1:3000")
    assert "Dashboards" in grafana.test_client().get("/").text


def test_a_page_without_its_libraries_says_how_to_get_them(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And loads no script that would fail."""
    monkeypatch.setattr(assets, "VENDOR", tmp_path)
    page = client.get("/").text
    assert "./et control_api.web.assets" in page
    assert "page/main.js" not in page


def test_who_follows_a_broken_link_gets_a_page_and_a_script_gets_a_problem(client: FlaskClient) -> None:
    page = client.get("/dashbords", headers=BROWSER)
    assert page.status_code == HTTPStatus.NOT_FOUND
    assert "Page not found" in page.text
    answer = client.get("/dashbords")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert answer.content_type == "application/problem+json"


def test_whoever_is_paged_reads_the_runbook(client: FlaskClient) -> None:
    assert "<h" in client.get("/runbook").text
