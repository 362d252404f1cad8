"""What the page says where there is little or nothing to say, and how it is read: on a tablet, on paper, by keys."""

import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Route, expect

from testkit.builders.alert_payloads import from_alertmanager
from testkit.patience import milliseconds_here
from tests.browser.conftest import ALERTS_TOKEN, People, ServedPlant
from tests.browser.test_operators_page import give_reason_and_confirm

CODED = re.compile(r"\bnan\b|\d\.\d+ ?%|codes_24h|scheduled_shutdown|Failure[A-Z]", re.IGNORECASE)
"""What people should not see: codes, names of rules, too many digits."""
INSIDE = "element => element.getBoundingClientRect().right <= document.documentElement.clientWidth"
MISSED = 20.0
"""Seconds after which a machine without readings counts as silent."""


def test_an_unknown_machine_is_said_and_searched_for(plant: ServedPlant, people: People) -> None:
    """With those that have a name like it."""
    page = people("maria").open("/devices/press-9999")
    expect(page.get_by_role("heading", name="Unknown machine")).to_be_visible()
    expect(page.get_by_text("There is no machine “press-9999”")).to_be_visible()
    expect(page.get_by_role("link", name="press-0001")).to_be_visible()
    page.get_by_label("Search for a machine").fill("drill-0003")
    page.get_by_role("link", name="drill-0003").click()
    expect(page.get_by_role("heading", name="drill-0003")).to_be_visible()


@pytest.mark.parametrize("path", ["/nowhere/at/all", "/devices/", "/devices/a%20b"])
def test_an_unknown_address_is_a_page(plant: ServedPlant, people: People, path: str) -> None:
    """Not a piece of JSON; a script still gets that."""
    page = people("victor").open(path)
    expect(page.get_by_text(re.compile("^There is no (page|machine)"))).to_be_visible()
    expect(page.get_by_label("Search for a machine")).to_be_visible()
    expect(page.get_by_role("link", name="All machines")).to_have_attribute("href", "/control/")


def test_a_script_gets_no_page(plant: ServedPlant) -> None:
    """Under /api/ and wherever nobody asks for HTML."""
    headers = {"Cookie": f"grafana_session={plant.grafana.session('maria')}"}
    for path, accept in (("/api/nothing", "text/html"), ("/nothing", "application/json")):
        answer = httpx.get(f"{plant.origin}/control{path}", headers={**headers, "Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_empty_tables_say_what_they_would_hold(plant: ServedPlant, people: People) -> None:
    """A newcomer learns from it what the page is for."""
    page = people("victor").open("/schedules")
    expect(page.get_by_text("No schedules yet. A schedule shuts down")).to_be_visible()
    page = people("victor").open("/?text=no-such-machine")
    expect(page.get_by_text("No machine matches the search and the filters.")).to_be_visible()
    plant.says("lathe-0001", "idle")
    page = people("victor").open("/devices/lathe-0001")
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    expect(page.get_by_text("No open alarms for this machine.")).to_be_visible()


def test_a_reading_of_a_year_ago_is_history(plant: ServedPlant, people: People) -> None:
    """It is shown with its date; the machine is not counted as failed today, nor is it called silent for 8760 h."""
    plant.says("kiln-0001", "failed", ago=timedelta(days=365))
    page = people("victor").open("/?text=kiln")
    row = page.locator("tr[data-device='kiln-0001']")
    expect(row.locator(".badge")).to_have_text("no recent data")
    expect(row.locator(".of-at")).to_have_text(re.compile(r"^on \d+ \w+ 2\d\d\d$"))
    page = people("victor").open("/devices/kiln-0001")
    expect(page.locator("[data-state]")).to_have_text("no recent data")
    expect(page.get_by_text(re.compile(r"^failed as of \d+ \w+ 2\d\d\d, \d\d:\d\d$"))).to_be_visible()


def test_a_silent_machine_is_not_running(plant: ServedPlant, people: People) -> None:
    """It counts as silent, whatever it said last."""
    plant.says("kiln-0002", "running", ago=timedelta(minutes=20))
    page = people("victor").open("/?text=kiln-0002")
    expect(page.locator("tr[data-device='kiln-0002'] .badge")).to_have_text("silent")
    expect(page.locator(".value.silent")).not_to_have_text("0")


def test_a_bulk_order_with_nothing_to_do_offers_nothing(plant: ServedPlant, people: People) -> None:
    """It lists each machine with the reason; where one may be overridden, it offers that."""
    plant.says("saw-0011", "running")
    plant.says("saw-0012", "running", ago=timedelta(minutes=20))
    page = people("maria").open("/?text=saw-001")
    expect(page.locator("tr[data-device]")).to_have_count(2)
    page.get_by_role("button", name="Order these machines …").click()
    give_reason_and_confirm(page, "Preview")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("row", name="saw-0011")).to_contain_text("skipped: it is in mid-cycle")
    expect(dialog.get_by_role("row", name="saw-0012")).to_contain_text("skipped: it is silent")
    expect(dialog.get_by_role("button", name="Give the order")).to_be_hidden()
    expect(dialog.get_by_role("button", name="Close")).to_be_visible()
    dialog.get_by_label("Include 1 machine").check()
    expect(dialog.get_by_role("row", name="saw-0011")).to_contain_text("is shut down")
    dialog.get_by_role("button", name="Give the order").click()
    expect(page.locator("tr[data-device='saw-0011'] .badge")).to_have_text("stopped")


def test_undo_goes_when_it_is_undone(plant: ServedPlant, people: People) -> None:
    """The machine runs again; what is left is the record."""
    plant.says("saw-0003", "idle")
    page = people("maria").open("/devices/saw-0003")
    page.get_by_role("button", name="Shut down …").click()
    give_reason_and_confirm(page, "Shut down")
    plant.says("saw-0003", "stopped")  # undoing restarts what stands still
    undo = page.get_by_role("button", name="Undo …")
    page.get_by_role("button", name="Lock out …").click()
    give_reason_and_confirm(page, "Lock out", "hands in the machine")
    expect(undo).to_be_disabled()
    page.get_by_role("button", name="Release …").click()
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(undo).to_be_enabled()
    undo.click()
    give_reason_and_confirm(page, "Restart", "wrong machine")
    expect(page.locator("[data-order]")).to_have_count(2)
    expect(page.get_by_role("button", name="Undo …")).to_have_count(0)


def test_a_selected_machine_is_ordered_by_keys(plant: ServedPlant, people: People) -> None:
    """The arrows walk, S, R and L ask, Enter opens; nothing happens without the answer."""
    for number in (4, 5):
        plant.says(f"saw-000{number}", "idle")
    page = people("maria").open("/?text=saw-000&sort=device_id&descending=false")
    expect(page.locator("tr[data-device='saw-0005']")).to_be_visible()
    page.locator("tr[data-device='saw-0004']").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr[data-device='saw-0005']")).to_be_focused()
    for key, question in (("s", "Shut down saw-0005?"), ("r", "Restart saw-0005?"), ("l", "Lock out saw-0005?")):
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=question)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator("tr[data-device='saw-0005']")).to_be_focused()
    page.get_by_label("Search").fill("saw-0005r")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_label("Search").fill("saw-0005")
    page.locator("tr[data-device='saw-0005']").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="saw-0005")).to_be_visible()
    assert plant.store.commands.open_orders(["saw-0005"]) == {}


def test_a_comment_is_shown_where_it_was_made(plant: ServedPlant, people: People) -> None:
    """To everybody, in words; no code, no rule's name and no odd precision is on the page."""
    alarm = from_alertmanager(device_id="cnc-0009")
    alarm["alerts"][0]["annotations"] = {
        "summary": "cnc-0009 is at risk of failing: 62.24%",
        "description": "What speaks for it: codes_24h (62.24%), largest_shift (3.1%). Inspect it within 24 hours.",
    }
    plant.says("cnc-0009", "idle", risk=0.8)
    headers = {"Authorization": f"Bearer {ALERTS_TOKEN}"}
    httpx.post(f"{plant.origin}/control/api/alerts", json=alarm, headers=headers).raise_for_status()
    page, other = people("maria").open("/alarms"), people("victor").open("/devices/cnc-0009")
    item = page.locator("[data-case]", has_text="cnc-0009")
    expect(item).to_contain_text("is at risk of failing: 62 %")
    item.get_by_role("button", name="Comment …").click()
    page.get_by_label("Comment", exact=True).fill("spare bearing ordered")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Comment saved.")).to_be_visible()
    expect(item.get_by_label("Comments")).to_contain_text("maria: spare bearing ordered")
    expect(other.locator("[data-case]").get_by_label("Comments")).to_contain_text("spare bearing ordered")
    expect(other.get_by_text("Main reason: 3 warning codes in 24 h (62 % of the risk)")).to_be_visible()
    for shown in (page, other):
        assert CODED.findall(shown.locator("body").inner_text()) == []


def test_the_colour_of_risk_is_the_models_own(plant: ServedPlant, people: People) -> None:
    """Red is what the model calls at risk, wherever its threshold lies."""
    plant.says("press-0021", "idle", risk=0.45)
    plant.says("press-0022", "idle", risk=0.66)
    page = people("victor").open("/?text=press-002")
    marks = [page.locator(f"tr[data-device='press-002{number}'] meter") for number in (1, 2)]
    expect(marks[1]).to_be_visible()
    assert [mark.evaluate("meter => meter.value > meter.high") for mark in marks] == [False, True]


def test_a_tablet_shows_alarms_and_the_last_reading(plant: ServedPlant, people: People) -> None:
    """Held upright, without scrolling sideways."""
    plant.says("press-0001", "idle", risk=0.2)
    page = people("victor", viewport={"width": 820, "height": 1180}).open("/?text=press-0001")
    for column in ("Alarms", "Last reading"):
        head = page.get_by_role("columnheader", name=column)
        expect(head).to_be_visible()
        assert head.evaluate(INSIDE)
    expect(page.get_by_role("cell", name="ago").or_(page.get_by_role("cell", name="just now"))).to_be_visible()
    overflows = "panel => panel.scrollWidth > panel.clientWidth"
    assert not page.get_by_role("region", name="Machines").evaluate(overflows)


@pytest.mark.parametrize("width", [390, 820, 1024, 1920])
def test_charts_fill_their_cards(plant: ServedPlant, people: People, width: int) -> None:
    """To the padding."""
    plant.says("press-0001", "idle")
    page = people("victor", viewport={"width": width, "height": 1000}).open("/devices/press-0001")
    left = """() => [...document.querySelectorAll(".curve")].map(card => {
      const drawn = card.querySelector("canvas")?.getBoundingClientRect().width ?? 0;
      return card.clientWidth - parseFloat(getComputedStyle(card).paddingLeft) * 2 - drawn;
    })"""
    page.wait_for_function(f"() => ({left})().length === 4 && ({left})().every(rest => Math.abs(rest) < 2)")


def test_times_are_the_plants(plant: ServedPlant, people: People) -> None:
    """Said once, in the head of the page; whoever looks from elsewhere reads the same clock."""
    clocks = []
    for zone in ("America/Chicago", "Asia/Kolkata"):
        page = people("victor", timezone_id=zone).open("/orders")
        expect(page.locator("#clock")).to_have_text(re.compile(r"^\d\d:\d\d$"))
        clocks.append(page.locator("#clock").inner_text())
    hours = [int(clock[:2]) * 60 + int(clock[3:]) for clock in clocks]
    assert (hours[1] - hours[0]) % 1440 <= 2


@pytest.mark.parametrize("width", [1920, 1024, 820, 390])
def test_whose_time_it_is_is_said_once_on_every_screen(plant: ServedPlant, people: People, width: int) -> None:
    """A tablet has no tooltips."""
    page = people("victor", viewport={"width": width, "height": 900}).open("/orders")
    expect(page.locator("#clock")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    assert len([each for each in page.get_by_text(re.compile("plant time", re.I)).all() if each.is_visible()]) == 1


def test_a_sheet_for_the_next_shift(plant: ServedPlant, people: People, tmp_path: Path) -> None:
    """On paper there is nothing to press, and room to sign; ink is dark, whatever the screen is."""
    plant.says("press-0001", "idle", risk=0.2)
    page = people("maria", color_scheme="dark").open("/devices/press-0001")
    expect(page.get_by_role("heading", name="Recommendations")).to_be_visible()
    expect(page.get_by_text("For the next shift")).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for text in ("Shift hand-over: press-0001", "Printed by maria", "Handed over by, at", "Taken over by, at"):
        expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--text')") == "#16202c"
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.get_by_text("For the next shift")).to_be_hidden()
    assert page.pdf(path=tmp_path / "sheet.pdf", format="A4").startswith(b"%PDF")


def test_a_machine_that_falls_silent_is_shown_as_of_its_last_reading(plant: ServedPlant, people: People) -> None:
    """While the page is open, without a reload; it adds no power, and the page says what is not counted."""
    plant.says("kiln-0003", "running", every=timedelta(seconds=5))
    fleet, page = people("victor").open("/?text=kiln-0003"), people("victor").open("/devices/kiln-0003")
    row = fleet.locator("tr[data-device='kiln-0003']")
    expect(row.locator(".badge")).to_have_text("silent", timeout=milliseconds_here(MISSED))
    expect(row.locator(".badge")).to_have_attribute("title", re.compile(r"^running as of \d\d:\d\d:\d\d$"))
    expect(row.locator(".of-power_watts")).to_have_text("\u2013")
    expect(fleet.get_by_text(re.compile("silent and not counted|No machine is reporting"))).to_be_visible()
    expect(page.locator("[data-state]")).to_have_text("silent", timeout=milliseconds_here(MISSED))
    expect(page.get_by_text(re.compile(r"^running as of \d\d:\d\d:\d\d$"))).to_be_visible()


def test_a_banner_says_whom_the_service_waits_for(plant: ServedPlant, people: People) -> None:
    """In the words of /healthz, for as long as it waits; what a proxy answers in its place is no such sentence."""
    person = people("victor")
    said = ["Kafka at 127.0.0.1:9092 has not answered for 4 min (since 12:38:01 UTC)\n"]
    person.page.route("**/healthz", lambda route: route.fulfill(status=503 if said[0] else 200, body=said[0]))
    banner = person.open("/orders").locator("#waits")
    expect(banner).to_contain_text(
        "Kafka at 127.0.0.1:9092 has not answered for 4 min (since 12:38:01 UTC). The data may be"
    )
    for nothing in ("", "starting\n", "<html>" + "x" * 300):
        said[0] = nothing
        with person.page.expect_response("**/healthz"):
            person.page.reload()
        expect(banner).to_be_hidden()


def test_a_slow_databases_answers_are_shown_with_their_time(plant: ServedPlant, people: People) -> None:
    """The moment that they are from, however short ago; loaded again, the page is new."""
    person, age = people("victor"), [{"age": "0"}]

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers=response.headers | age[0])

    person.page.route("**/api/devices?**", answer)
    banner = person.open("/schedules").locator("#age")
    expect(banner).to_have_text(
        re.compile(r"^The database is slow\. This page shows data as of \d\d:\d\d:\d\d\. Load again$")
    )
    again = banner.get_by_role("button", name="Load again")
    age[0] = {}
    with person.page.expect_response("**/api/devices?**") as seen:
        again.click()
    seen.value.finished()
    expect(person.page.get_by_text("Loading …")).to_have_count(0)
    expect(banner).to_be_hidden()


def test_the_banner_of_old_data_stays_in_place_while_answers_arrive(plant: ServedPlant, people: People) -> None:
    """Its words change, but its button is not replaced below somebody's finger."""
    person, age = people("victor"), ["41"]

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers=response.headers | {"age": age[0]})

    person.page.route("**/api/energy?**", answer)
    page = person.open("/energy")
    banner = page.locator("#age")
    banner.get_by_role("button", name="Load again").evaluate("button => { button.id = 'the-same'; }")
    said = banner.inner_text()
    age[0] = "600"
    page.get_by_label("By").select_option("machine")
    expect(banner).not_to_have_text(said)
    expect(banner.get_by_role("button")).to_have_count(1)
    expect(banner.locator("#the-same")).to_be_visible()


def test_no_page_says_for_ever_that_it_loads(plant: ServedPlant, people: People) -> None:
    person = people("victor")
    person.page.clock.install()
    person.page.route("**/api/devices?**", lambda _: None)
    page = person.open("/schedules")
    expect(page.get_by_text("Loading …")).to_be_visible()
    page.clock.fast_forward(21_000)
    expect(page.get_by_text("Loading …")).to_have_count(0)
    expect(page.get_by_text("No answer yet: the service or its database is slow.")).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")
