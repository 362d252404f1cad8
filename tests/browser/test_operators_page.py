"""What operators and maintenance do on the page, in a real browser."""

import re
from contextlib import ExitStack, closing

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from control_api.settings import ControlApiSettings
from testkit.builders.alert_payloads import from_alertmanager
from testkit.clients.live import LiveClient
from testkit.dates import written
from testkit.patience import milliseconds_here
from testkit.stack.servers import eventually
from tests.browser.conftest import ALERTS_TOKEN, People, ServedPlant

LOOKS: dict[str, dict[str, object]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 800}},
}
FORCED = """async () => {
  const headers = {"Content-Type": "application/json", "X-Grafana-Action": "1"};
  const body = JSON.stringify({device_id: "press-0002", reason: "x"});
  return (await fetch("/control/api/shutdown", {method: "POST", headers, body})).status;
}"""
"""What somebody may try in the browser's console."""


def give_reason_and_confirm(page: Page, confirm: str, reason: str = "smells hot") -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=confirm).click()


def test_an_operator_stops_a_machine_and_sees_it_stop(plant: ServedPlant, people: People) -> None:
    """It runs, so the page asks once more; the order, its answer and the machine's state follow live."""
    plant.says("press-0001", "running")
    page = people("maria").open("/devices/press-0001")
    expect(page.locator("[data-state]")).to_have_text("running")
    page.get_by_role("button", name="Shut down …").click()
    give_reason_and_confirm(page, "Shut down")
    expect(page.get_by_role("alert")).to_contain_text("mid-cycle")
    page.get_by_label("Do it anyway").check()
    page.get_by_role("dialog").get_by_role("button", name="Shut down").click()
    expect(page.locator("[data-state]")).to_have_text("stopped")
    row = page.locator("[data-order]").first
    expect(row).to_contain_text("done")
    expect(row).to_contain_text("smells hot")
    expect(row.get_by_text("maria", exact=True)).to_be_visible()


def test_a_viewer_cannot(plant: ServedPlant, people: People) -> None:
    """The page offers nothing, and the service would refuse it."""
    plant.says("press-0002", "idle")
    page = people("victor").open("/devices/press-0002?action=shutdown")
    expect(page.get_by_text("your role is Viewer")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Shut down …")).to_have_count(0)
    status = page.evaluate(FORCED)
    assert status == 403


def test_a_link_opens_the_question_and_does_nothing(plant: ServedPlant, people: People) -> None:
    """Dashboards link to it; only a person's answer is an order. Escape is an answer too."""
    plant.says("press-0003", "idle")
    page = people("maria").open("/devices/press-0003?action=shutdown")
    expect(page.get_by_role("dialog")).to_contain_text("Shut down press-0003?")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert plant.store.commands.open_orders(["press-0003"]) == {}


def test_two_people_see_the_same(plant: ServedPlant, people: People) -> None:
    """What one locks, the other sees locked, and cannot restart."""
    plant.says("press-0004", "stopped")
    maria, otto = people("maria").open("/devices/press-0004"), people("anna").open("/devices/press-0004")
    maria.get_by_role("button", name="Lock out …").click()
    give_reason_and_confirm(maria, "Lock out", "changing the belt")
    expect(otto.get_by_text("Locked out by maria")).to_be_visible()
    expect(otto.get_by_role("button", name="Restart …")).to_be_disabled()
    maria.get_by_role("button", name="Release …").click()
    maria.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(otto.get_by_text("Locked out by maria")).to_be_hidden()
    expect(otto.get_by_role("button", name="Restart …")).to_be_enabled()


def test_an_alarm_goes_from_the_page_to_its_verdict(plant: ServedPlant, people: People) -> None:
    """It appears by itself, is acknowledged, and ends with what was found."""
    page = people("maria").open("/alarms")
    expect(page.get_by_text("No open alarms.")).to_be_visible()
    sent = httpx.post(
        f"{plant.origin}/control/api/alerts",
        json=from_alertmanager(startsAt=written(plant.clock.now())),
        headers={"Authorization": f"Bearer {ALERTS_TOKEN}"},
    )
    assert sent.status_code == 200
    alarm = page.locator("[data-case]")
    expect(alarm).to_contain_text("cnc-0007 is likely to fail")
    expect(page.locator("#alarm-count")).to_have_text("1")
    alarm.get_by_role("button", name="Acknowledge").click()
    expect(alarm).to_contain_text("acknowledged by maria")
    expect(page.locator("#alarm-count")).to_be_hidden()
    alarm.get_by_role("button", name="Verdict …").click()
    page.get_by_label("What was found at the machine").fill("worn bearing")
    page.get_by_role("button", name="Save the verdict").click()
    expect(alarm).to_contain_text("true alarm: worn bearing")


def test_the_connection_drops_and_comes_back(plant: ServedPlant, people: People) -> None:
    """The page says so, and goes on by itself when the service is back."""
    page = people("maria").open("/")
    expect(page.get_by_role("status").filter(has_text="of 300 machines")).to_be_visible()
    plant.restart()
    expect(page.locator("#link")).to_contain_text("Connection lost")
    expect(page.locator("#link")).to_be_hidden(timeout=milliseconds_here(120))

    def shown() -> bool:
        plant.says("cnc-0003", "failed")
        return page.locator("tr", has_text="cnc-0003").get_by_text("failed").count() == 1

    assert eventually(shown, 30, pause=1.0)


def test_the_fleet_is_searched_sorted_and_ordered(plant: ServedPlant, people: People) -> None:
    """By the keyboard as well; many machines are ordered after a look at what would happen."""
    plant.says("drill-0001", "idle", risk=0.9)
    page = people("maria").open("/")
    page.get_by_label("Search").fill("drill-00")
    expect(page.locator("table.fleet tbody tr")).to_have_count(44 + 12)
    page.get_by_role("button", name="Machine", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.fleet tbody tr").first).to_contain_text("drill-0001")
    expect(page.locator("table.fleet tbody tr").first).to_contain_text("90 %")
    page.get_by_role("button", name="Order these machines …").click()
    give_reason_and_confirm(page, "Preview")
    expect(page.get_by_role("heading", name=re.compile(r"^Stops .*are silent"))).to_be_visible()
    page.get_by_role("button", name=re.compile("Cancel|Close")).click()


def test_a_recommendation_becomes_a_schedule(plant: ServedPlant, people: People) -> None:
    """In a click and a confirmation."""
    plant.says("press-0005", "idle")
    page = people("maria").open("/devices/press-0005")
    page.get_by_role("button", name="Schedule a shutdown …").click()
    page.get_by_role("button", name="Schedule it").click()
    expect(page.get_by_text("Scheduled. What it saves is proved on the page Savings.")).to_be_visible()
    page.goto(f"{plant.origin}/control/schedules")
    expect(page.get_by_text("press-0005 off after work")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("paused")).to_be_visible()


def test_who_is_not_signed_in_is_shown_the_way(plant: ServedPlant, people: People) -> None:
    """To Grafana, and from there back to where they wanted to go."""
    page = people(None).open("/devices/press-0001")
    link = page.get_by_role("link", name="Sign in with Grafana")
    expect(link).to_have_attribute("href", "/login?redirectTo=/control/devices/press-0001")


def test_a_session_that_is_over_is_said(plant: ServedPlant, people: People) -> None:
    """What stands there gets old, so the page says so and shows the way back."""
    person = people("maria")
    page = person.open("/alarms")
    expect(page.get_by_label("Show", exact=True)).to_be_visible()
    person.context.clear_cookies()
    plant.restart()
    expect(page.locator("#link")).to_contain_text("no longer signed in", timeout=milliseconds_here(180))
    expect(page.get_by_role("link", name="Sign in")).to_have_attribute("href", "/control/sign-in?next=%2Falarms")


def test_a_page_that_did_not_load_says_so_and_tries_again(plant: ServedPlant, people: People) -> None:
    """As when the service starts again at that moment: a wall display has nobody who would press reload."""
    person = people("victor")
    person.page.route("**/page/alarms/alarms.js", lambda route: route.abort(), times=1)
    page = person.open("/alarms")
    expect(page.locator("#link")).to_contain_text("did not load completely")
    assert len(person.errors) == 1, "whoever looks for the reason finds it in the console"
    person.errors.clear()
    expect(page.get_by_label("Show", exact=True)).to_be_visible(timeout=milliseconds_here(180))
    expect(page.locator("#link")).to_be_hidden()


def test_who_has_too_many_pages_open_reads_so(plant: ServedPlant, people: People) -> None:
    """The page still shows what there is, and continues by itself as soon as one of the others is closed."""
    most = ControlApiSettings.from_env(plant.env).live_connections_each
    headers = {"Cookie": f"grafana_session={plant.grafana.session('victor')}", "Origin": plant.origin}
    url = plant.site.url(plant.site.ports.control_api, "")
    with ExitStack() as stack:
        others = [stack.enter_context(closing(LiveClient(url, headers))) for _ in range(most)]
        assert eventually(lambda: all("connect" in other.latest for other in others), 60)
        page = people("victor").open("/")
        expect(page.locator("#link")).to_contain_text("Too many pages are open in your name")
        expect(page.get_by_role("status").filter(has_text="of 300 machines")).to_be_visible()
        others[0].close()
        expect(page.locator("#link")).to_be_hidden(timeout=milliseconds_here(60))


def test_a_wall_is_read_from_three_metres(plant: ServedPlant, people: People) -> None:
    """Large letters, those machines first that need attention, and nothing to click but the way back."""
    plant.says("press-0006", "failed", risk=0.2)
    plant.says("press-0007", "running", risk=0.01)
    page = people("victor", viewport={"width": 1920, "height": 1080}).open("/?wall=1")
    cell = page.locator("tbody tr", has_text="press-0006").get_by_text("failed")
    expect(cell).to_be_visible()
    expect(page.locator("tbody tr", has_text="press-0007")).to_have_count(0)
    assert cell.evaluate("element => parseFloat(getComputedStyle(element).fontSize)") >= 32, "pixels: 2 cm on 55 inches"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("button", name="Leave the wall view").click()
    expect(page.locator("tbody tr", has_text="press-0007")).to_have_count(1)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?wall=1",
        "/devices/press-0001",
        "/alarms",
        "/energy",
        "/production",
        "/savings",
        "/report",
        "/schedules",
        "/orders",
        "/machines",
        "/imports",
    ],
)
@pytest.mark.parametrize("settings", LOOKS.values(), ids=LOOKS)
def test_the_page_is_for_everybody(plant: ServedPlant, people: People, path: str, settings: dict[str, object]) -> None:
    """axe finds nothing critical or serious, and nothing makes a phone scroll sideways."""
    plant.says("press-0001", "idle", risk=0.2)
    person = people("maria", **settings)
    page = person.open(path)
    expect(page.get_by_text("Loading …")).to_have_count(0)
    found = Axe().run(page).response["violations"]
    serious = [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in {"critical", "serious"}]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
