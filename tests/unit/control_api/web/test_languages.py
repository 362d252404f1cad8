"""The language of a page: asked for, remembered, or the plant's."""

import json
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from control_api.web import languages
from energytrack.languages import words
from energytrack.plant.file import Language


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Of a German plant, with a German catalogue that is offered, complete or not."""
    offered: tuple[Language, ...] = ("en", "de")
    monkeypatch.setattr(languages, "offered", lambda: offered)
    app = Flask("test", root_path=str(Path(__file__).parent))
    languages.install(app, "de")
    app.add_url_rule(
        "/", "page", lambda: render_template_string("{{ language }} {{ t('Energy') }} {{ words_address }}")
    )
    return app.test_client()


def test_a_page_is_in_the_language_of_the_plant(client: FlaskClient) -> None:
    assert client.get("/").text.startswith("de Energie /words/de?v=")


def test_what_somebody_asks_for_is_remembered(client: FlaskClient) -> None:
    assert client.get("/?lang=en").text == "en Energy "
    assert client.get("/").text == "en Energy "


def test_a_language_that_is_not_offered_is_the_plants(client: FlaskClient) -> None:
    assert client.get("/?lang=xx").text.startswith("de ")
    assert client.get("/words/xx").status_code == 404


def test_words_are_kept_until_they_change(client: FlaskClient) -> None:
    address = client.get("/").text.split()[-1]
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/words/de").headers["Cache-Control"] == "no-cache"
    said = json.loads(answer.text)
    assert (said["language"], said["locale"]) == ("de", "de-DE")


def test_only_complete_catalogues_are_offered() -> None:
    for language in words.LANGUAGES:
        is_complete = language == "en" or not words.untranslated(words.catalogue(language))
        assert (language in words.offered()) == is_complete
