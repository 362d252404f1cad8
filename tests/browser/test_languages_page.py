"""The operators' page in German, on a phone."""

import pytest
from playwright.sync_api import expect

from control_api.web.routes import VIEWS
from energytrack.languages.words import catalogue, untranslated, words_of
from tests.browser.conftest import People, ServedPlant

WIDTH = 390
MISSING = "Teile dieser Seite sind auf Englisch"


@pytest.mark.parametrize("path", ["/", "/devices/press-0001", *(f"/{view}" for view in VIEWS)])
def test_every_view_is_german_and_fits_a_phone(plant: ServedPlant, people: People, path: str) -> None:
    """A script error fails the test when its people leave."""
    assert untranslated(catalogue("de")) == [], "the page offers German once all of it is translated"
    plant.says("press-0001", "idle", risk=0.2)
    page = people("anna", viewport={"width": WIDTH, "height": 844}).open(f"{path}?lang=de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#content")).not_to_be_empty()
    expect(page.get_by_text(words_of("de")("Loading …"), exact=True)).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_scripts_speak_german_too(plant: ServedPlant, people: People) -> None:
    """What they say comes by a catalogue of its own; without it the page would go on in English."""
    plant.says("press-0001", "running", risk=0.2)
    page = people("anna").open("/?lang=de")
    expect(page.locator("#content")).to_contain_text("läuft")
    expect(page.locator("#content")).to_contain_text("Letzter Messwert")
    expect(page.locator("#content")).not_to_contain_text("running")


@pytest.mark.parametrize(
    ("language", "title"), [("de", "Maschinen"), ("es", "Máquinas"), ("fr", "Machines"), ("pl", "Maszyny")]
)
def test_a_person_chooses_a_language_and_keeps_it(people: People, language: str, title: str) -> None:
    page = people("anna").open(f"/?lang={language}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert title in page.inner_text("nav")
    page.goto(page.url.partition("?")[0])
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_another_language_keeps_what_else_the_address_says(people: People) -> None:
    """A filter in the address is still there, and so is the code of a sign-in link, which works once."""
    page = people("anna").open("/?lang=en&line=line-1")
    page.get_by_role("link", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert "line=line-1" in page.url
    visitor = people(None).open("/sign-in?lang=en#code=not-a-code")
    visitor.get_by_role("link", name="Deutsch").click()
    expect(visitor.get_by_role("button", name=words_of("de")("Sign in"))).to_be_visible()
    assert visitor.url.endswith("#code=not-a-code")


def test_a_page_whose_words_cannot_be_loaded_says_so(people: People) -> None:
    person = people("anna")
    person.page.route("**/words/**", lambda route: route.fulfill(status=503))
    page = person.open("/?lang=de")
    expect(page.get_by_text(MISSING)).to_be_visible()
    expect(page.locator("#view")).to_contain_text("machine")
    page.unroute("**/words/**")
    page.reload()
    expect(page.locator("#view")).to_contain_text("Maschine")
    expect(page.get_by_text(MISSING)).to_be_hidden()
