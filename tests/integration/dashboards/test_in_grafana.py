"""The dashboards as people see them: a real Grafana before a plant at work, in a real browser."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from local.install.programs import CHROMIUM, find
from local.services.secrets import GRAFANA_PASSWORD, secret_file
from local.site import Site
from testkit.patience import milliseconds_here, seconds_here
from testkit.stack.servers import eventually
from tests.integration.dashboards.conftest import MACHINE, StackWithGateway
from tests.unit.grafana.dashboards import DashboardFile, boards
from tools.dashboards.kit.links import MAINTENANCE
from tools.pictures.browser import FLAGS, PAGE_SECONDS, sign_in_to_grafana, wait_until_complete

pytestmark = [
    pytest.mark.skipif("GRAFANA_HOME" not in os.environ, reason="no Grafana at hand: GRAFANA_HOME names the folder"),
    pytest.mark.skipif(find(CHROMIUM) is None, reason="no Chromium here"),
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
PASSWORD: Final = "for-this-test-alone"  # noqa: S105  # of users that end with the test
FILLED_SECONDS: Final = 180.0
"""A plant that has just begun has no increase over minutes yet; panels ask again by themselves."""
ROW_PIXELS: Final = 38
"""A step of Grafana's grid, with the gap below it."""
BARS_PIXELS: Final = 300
"""What stands above the panels: navigation, and choices in two lines."""
SCORED_SECONDS: Final = 240.0
"""A plant that has just begun has no risks for two to three minutes."""
TALLEST: Final = ROW_PIXELS * max(board.rows for board in boards()) + BARS_PIXELS
FAILED: Final = "[data-testid='data-testid Panel status error']"


@dataclass(frozen=True)
class StackGrafana:
    """The stack's own, with an Editor and a Viewer."""

    site: Site
    browser: Browser

    def invite(self, login: str, role: str) -> None:
        """Make a user, as an administrator does."""
        made = self._as_administrator("POST", "/api/admin/users", {"login": login, "password": PASSWORD})
        self._as_administrator("PATCH", f"/api/org/users/{made['id']}", {"role": role})

    def signed_in(self, login: str) -> BrowserContext:
        """Somebody's browser, its window as tall as the tallest dashboard: Grafana draws what is in sight."""
        context = self.browser.new_context(viewport={"width": 1920, "height": TALLEST})
        context.set_default_timeout(milliseconds_here(PAGE_SECONDS))
        sign_in_to_grafana(context, self.site, login, PASSWORD)
        return context

    def open(self, context: BrowserContext, uid: str, query: str = "") -> Page:
        """A dashboard, complete."""
        page = context.new_page()
        page.goto(self.site.url(self.site.ports.caddy, f"/d/{uid}?from=now-15m&to=now{query}"))
        wait_until_complete(page)
        return page

    def _as_administrator(self, method: str, path: str, body: dict[str, str]) -> Any:
        password = secret_file(self.site, GRAFANA_PASSWORD).read_text(encoding="utf-8").strip()
        url = self.site.url(self.site.ports.grafana, path)
        answer = httpx.request(method, url, json=body, auth=("admin", password), timeout=seconds_here(30))
        return answer.raise_for_status().json()


@pytest.fixture(scope="module")
def grafana(plant: StackWithGateway) -> Iterator[StackGrafana]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(CHROMIUM), args=FLAGS)
        made = StackGrafana(plant.stack.site, browser)
        made.invite("erika", "Editor")
        made.invite("viktor", "Viewer")
        yield made
        browser.close()


@pytest.mark.parametrize("board", boards(), ids=lambda board: board.file)
def test_every_panel_shows_something(plant: StackWithGateway, grafana: StackGrafana, board: DashboardFile) -> None:
    """After a failure, a repair, an order and a message that nobody understands, no panel has nothing to say."""
    plant.tell()
    probability = f'energytrack_device_failure_probability_ratio{{device_id="{MACHINE}"}}'
    eventually(lambda: plant.ask(probability), 90, pause=1)
    page = grafana.open(
        grafana.signed_in("viktor"), board.json["uid"], f"&var-device={MACHINE}" * ("device" in board.file)
    )
    assert page.locator(FAILED).count() == 0
    filled = milliseconds_here(FILLED_SECONDS)
    for nonsense in ("No data", "NaN"):
        expect(page.get_by_text(nonsense, exact=True), nonsense).to_have_count(0, timeout=filled)
    seen = page.locator("h2").all_inner_texts()
    assert [panel["title"] for panel in board.panels if panel["title"] not in seen] == []
    page.context.close()


def test_an_editor_stops_a_machine_with_a_button(plant: StackWithGateway, grafana: StackGrafana) -> None:
    page = grafana.open(grafana.signed_in("erika"), MAINTENANCE)
    machine = _machine_that_runs(plant)
    row = page.get_by_role("row").filter(has_text=machine)
    row.get_by_role("button", name="Stop now").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill('it says "clack"')
    dialog.get_by_role("button", name="Continue").click()
    _confirmed(page)
    stopped = f'energytrack_device_state{{device_id="{machine}",state="stopped"}} == 1'
    eventually(lambda: plant.ask(stopped), 120, pause=1)
    page.context.close()


def test_an_editor_acknowledges_an_alarm_with_a_button(plant: StackWithGateway, grafana: StackGrafana) -> None:
    """The machine's failure has made the alarm: Prometheus' rule, Alertmanager or Grafana, the control API."""
    plant.tell()
    alarm = f'energytrack_device_alarm_state{{device_id="{MACHINE}",alarm="MachineFailed",state="%s"}} == 1'
    eventually(lambda: plant.ask(alarm % "active"), 120, pause=1)
    page = grafana.open(grafana.signed_in("erika"), MAINTENANCE)
    row = page.get_by_role("row").filter(has_text=MACHINE).filter(has_text="Machine failed")
    row.get_by_role("button", name="Acknowledge").click()
    _confirmed(page)
    eventually(lambda: plant.ask(alarm % "acknowledged"), 60, pause=1)
    page.context.close()


def test_a_viewer_has_no_buttons_and_may_not_post_what_they_would(
    plant: StackWithGateway, grafana: StackGrafana
) -> None:
    context = grafana.signed_in("viktor")
    page = grafana.open(context, MAINTENANCE)
    assert page.get_by_role("button", name="Shut down").count() == 0
    site = plant.stack.site
    refused = context.request.post(
        site.url(site.ports.caddy, "/control/api/shutdown"),
        data={"device_id": _machine_that_runs(plant), "reason": "out of spite"},
        headers={"Origin": site.url(site.ports.caddy, ""), "X-Grafana-Action": "1"},
    )
    assert refused.status == 403
    context.close()


def _confirmed(page: Page) -> None:
    """Say yes, and wait for the control API's answer."""
    with page.expect_response(lambda answer: "/control/api/" in answer.url) as answered:
        page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    assert answered.value.ok, answered.value.text()


def _machine_that_runs(plant: StackWithGateway) -> str:
    """One of the riskiest, so that it is in the table."""
    running = 'energytrack_device_state{state="running"} == 1'
    riskiest = f"topk(5, device:failure_probability_ratio:max and on (device_id) {running})"

    def others() -> list[str]:
        return [name for series in plant.ask(riskiest) if (name := str(series["metric"]["device_id"])) != MACHINE]

    return eventually(others, SCORED_SECONDS, pause=1)[0]
