"""Named people on a stack without Grafana: invited by a link, signed in by it once, shown as who, signed out."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect
from ulid import ULID

from control_api.auth.credentials import Credentials, sign_in_link
from local.services.front_door import caddy_service
from testkit.stack.control_service import serving
from testkit.stack.servers import free_ports, started
from tests.browser.conftest import ServedPlant, patient


@pytest.fixture(scope="module")
def origin(plant: ServedPlant) -> Iterator[str]:
    """The front door of the same plant as it is without Grafana."""
    site = replace(plant.site, ports=free_ports(), grafana_home=None)
    own = {"ENERGYTRACK_CONTROL_API_ORIGINS": site.url(site.ports.caddy, "")}
    env = {name: value for name, value in plant.env.items() if not name.endswith("GRAFANA_URL")} | own
    with ExitStack() as stack:
        stack.enter_context(serving(site, env))
        stack.enter_context(started(caddy_service(site), site))
        yield own["ENERGYTRACK_CONTROL_API_ORIGINS"]


def signed_in(browser: Browser, link: str) -> Page:
    page = patient(browser.new_context()).new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/control/")
    return page


def test_an_administrator_invites_a_person_and_signs_them_out(
    plant: ServedPlant, origin: str, browser: Browser
) -> None:
    credentials = Credentials(plant.store.tokens, plant.clock, lambda: str(ULID()))
    admin = signed_in(browser, sign_in_link(credentials, [origin], by="start"))
    admin.get_by_role("button", name="People").click()
    dialog = admin.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_contain_text(["admin \N{MIDDLE DOT} Admin \N{MIDDLE DOT} signed in"])
    dialog.get_by_role("button", name="Create a link for a person").click()
    dialog.get_by_label("Name").fill("Zoë M.")
    dialog.get_by_role("button", name="Create the link").click()
    admin.get_by_role("heading", name="A sign-in link for Zoë M.").wait_for()
    link = admin.locator("#invitation").input_value()
    assert link.startswith(f"{origin}/control/sign-in#code=")

    zoe = signed_in(browser, link)
    expect(zoe.locator("#who")).to_contain_text("Zoë M.")
    expect(zoe.get_by_role("button", name="People")).to_have_count(0)

    admin.reload()
    admin.get_by_role("button", name="People").click()
    row = admin.get_by_role("dialog").get_by_role("listitem").filter(has_text="Zoë M.")
    expect(row).to_contain_text("Editor \N{MIDDLE DOT} signed in")
    row.get_by_role("button", name="Sign out").click()
    expect(admin.get_by_text("Zoë M. is signed out.")).to_be_visible()
    zoe.reload()
    zoe.wait_for_url("**/control/sign-in**")
    for page in (admin, zoe):
        page.context.close()
