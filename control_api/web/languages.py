"""The language of a page: chosen in this browser, otherwise the plant's."""

import hashlib
import json
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import flask
from flask import Flask, Response, request, url_for

from energytrack.languages.words import LOCALES, NAMES, Words, catalogue, forms, offered, words_of
from energytrack.plant.file import Language

COOKIE: Final = "energytrack_language"
KEPT: Final = timedelta(days=365)
OF_THE_PAGE: Final = ("control_api/web/static/", "alerts.toml", "energytrack/languages/service_sentences.py")
"""The folders and files with the sentences that the page needs in the browser."""
SEPARATOR: Final = "\u0004"
"""Between a context and its sentence, as in gettext's own files."""


def install(app: Flask, of_the_plant: Language) -> None:
    """Choose the language of a page, remember a requested one, and serve the sentences."""

    @app.before_request
    def choose() -> None:
        flask.g.language = _chosen() or _kept() or (of_the_plant if of_the_plant in offered() else "en")

    @app.after_request
    def remember(response: Response) -> Response:
        chosen = _chosen()
        if chosen is not None and response.content_type.startswith("text/html"):
            path = f"{request.script_root}/"
            response.set_cookie(COOKIE, chosen, max_age=KEPT, path=path, secure=request.is_secure, samesite="Lax")
        return response

    @app.context_processor
    def of_the_language() -> dict[str, Any]:
        t = words()
        return {
            "t": t,
            "language": t.language,
            "languages": {each: NAMES[each] for each in offered()},
            "words_address": "" if t.language == "en" else _address(t.language),
        }

    def catalogue_of(language: str) -> Response:
        """The sentences of the page in a language; browsers cache them until they change."""
        if language not in offered():
            return Response(status=HTTPStatus.NOT_FOUND)
        text = page_words(language)
        response = Response(text, content_type="application/json")
        current = request.args.get("v") == version_of(text)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
        return response

    app.add_url_rule("/words/<string:language>", "catalogue_of", catalogue_of)


def words() -> Words:
    """The sentences in the language of the current request."""
    return words_of(flask.g.get("language", "en"))


def _address(language: Language) -> str:
    return url_for("catalogue_of", language=language, v=version_of(page_words(language)))


def _chosen() -> Language | None:
    return _offered(request.args.get("lang"))


def _kept() -> Language | None:
    return _offered(request.cookies.get(COOKIE))


def _offered(language: str | None) -> Language | None:
    return language if language in offered() else None


@cache
def page_words(language: Language) -> str:
    """The sentences of the page in a language, as JSON: see kit/language.js."""
    said = {}
    for each in catalogue(language):
        if each.id and any(file.startswith(OF_THE_PAGE) for file, _ in each.locations):
            english = each.id if isinstance(each.id, str) else each.id[0]
            key = f"{each.context}{SEPARATOR}{english}" if each.context else english
            said[key] = each.string if isinstance(each.string, str) else list(forms(each.string))
    content = {"language": language, "locale": LOCALES[language].replace("_", "-"), "words": said}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


@cache
def version_of(text: str) -> str:
    """A version that changes with the sentences."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
