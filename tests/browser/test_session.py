"""A page stays signed in by Grafana while somebody looks at it, though Grafana's tokens are good for minutes."""

import re
import time

from playwright.sync_api import Page, expect

from testkit.stack.servers import eventually
from tests.browser.conftest import People, Person, ServedPlant

DAY = 86_400
COUNTED = re.compile(r"\d of \d+ machines")
"""The fleet page has drawn its machines."""


def is_due_soon(person: Person, origin: str, seconds: float) -> None:
    """Grafana's cookie that scripts may read says when the token has to be rotated."""
    due = str(int(time.time() + seconds))
    person.context.add_cookies([{"name": "grafana_session_expiry", "value": due, "url": origin}])


def signs_in_nowhere(page: Page) -> None:
    """Neither a banner nor the page on which one signs in."""
    expect(page.locator("#link")).to_be_hidden()
    assert "/sign-in" not in page.url


def test_a_token_is_rotated_before_it_is_due(plant: ServedPlant, people: People) -> None:
    """As Grafana's own pages do it; the live connection goes on with the new one."""
    person = people("maria")
    is_due_soon(person, plant.origin, 10)
    before = plant.grafana.rotations.get("maria", 0)
    page = person.open("/")
    expect(page.get_by_role("status").filter(has_text=COUNTED)).to_be_visible()
    assert eventually(lambda: plant.grafana.rotations.get("maria", 0) > before, 30)
    plant.says("press-0031", "idle")
    page.get_by_label("Search").fill("press-0031")
    expect(page.locator("tr[data-device='press-0031'] .badge")).to_have_text("idle")
    signs_in_nowhere(page)


def test_an_order_is_given_though_the_token_is_due(plant: ServedPlant, people: People) -> None:
    """A computer that slept missed the moment: the answer is 401, the token is rotated, the order goes through once."""
    plant.says("saw-0032", "idle")
    page = people("maria").open("/devices/saw-0032")
    page.get_by_role("button", name="Shut down …").click()
    before = plant.grafana.rotations.get("maria", 0)
    plant.grafana.due.add("maria")
    assert eventually(lambda: page.evaluate("fetch('/control/api/auth').then(answer => answer.status)") == 401, 20)
    page.get_by_label("Reason").fill("night")
    page.get_by_role("dialog").get_by_role("button", name="Shut down").click()
    expect(page.locator("[data-state]")).to_have_text("stopped")
    expect(page.locator("[data-order]")).to_have_count(1)
    assert plant.grafana.rotations["maria"] == before + 1
    signs_in_nowhere(page)


def test_a_wall_that_is_loaded_again_stays_signed_in(plant: ServedPlant, people: People) -> None:
    """Its token was due when it began: the page on which one signs in rotates it and leads back."""
    person = people("victor")
    is_due_soon(person, plant.origin, -DAY)
    plant.grafana.due.add("victor")
    page = person.open("/?wall=1")
    expect(page.get_by_role("button", name="Leave the wall view")).to_be_visible()
    assert plant.grafana.rotations["victor"] == 1


def test_a_cut_connection_rotates_and_comes_back(plant: ServedPlant, people: People) -> None:
    """The service refuses a connection whose token is due; nobody sees it."""
    page = people("anna").open("/")
    expect(page.get_by_role("status").filter(has_text=COUNTED)).to_be_visible()
    plant.grafana.due.add("anna")
    plant.restart()
    assert eventually(lambda: plant.grafana.rotations.get("anna", 0) >= 1, 60)
    expect(page.locator("#link")).to_be_hidden()
    page.get_by_label("Search").fill("press-0033")

    def goes_on() -> bool:
        plant.says("press-0033", "idle")
        return page.locator("tr[data-device='press-0033'] .badge").inner_text() == "idle"

    assert eventually(goes_on, 30, pause=1.0)
