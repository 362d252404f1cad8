"""What is wrong with a machine, as maintenance sees it: one card, who was paged, and a link that leads to it."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from testkit.builders.alert_payloads import from_alertmanager
from testkit.dates import written
from testkit.stack.servers import eventually
from tests.browser.conftest import ALERTS_TOKEN, People, ServedPlant


def alert(plant: ServedPlant, device_id: str, rule: str, severity: str = "critical", status: str = "firing") -> None:
    now = written(plant.clock.now())
    labels = {"device_id": device_id, "line": "press-shop", "alertname": rule, "severity": severity}
    notes = {"summary": f"{device_id}: {rule}", "description": "Secure the machine."}
    body = from_alertmanager(status, device_id, labels=labels, annotations=notes, startsAt=now, endsAt=now)
    headers = {"Authorization": f"Bearer {ALERTS_TOKEN}"}
    httpx.post(f"{plant.origin}/control/api/alerts", json=body, headers=headers).raise_for_status()


def failing(plant: ServedPlant, device_id: str) -> None:
    """A machine that was likely to fail, and failed."""
    plant.says(device_id, "running", risk=0.92)
    alert(plant, device_id, "FailureRiskHigh", "warning")
    alert(plant, device_id, "MachineFailed")
    plant.says(device_id, "failed", risk=0.1)


def test_the_alarms_of_a_machine_are_one_card(plant: ServedPlant, people: People) -> None:
    """With its history and comments; one acknowledgement and one verdict are for all of it."""
    failing(plant, "press-0011")
    page = people("maria").open("/alarms")
    one = page.locator("[data-case='press-0011']")
    expect(one).to_have_count(1)
    expect(one).to_contain_text("Predicted")
    expect(one).to_contain_text("Reasons before the failure: 3 warning codes in 24 h")
    one.get_by_text("History: 2 alarms").click()
    expect(one.get_by_role("listitem").filter(has_text="FailureRiskHigh")).to_be_visible()
    one.get_by_role("button", name="Comment …").click()
    page.get_by_role("dialog").get_by_label("Comment").fill("spindle is blue")
    page.get_by_role("button", name="Save").click()
    expect(one.get_by_label("Comments")).to_contain_text("maria: spindle is blue")
    one.get_by_role("button", name="Acknowledge").click()
    expect(one).to_contain_text("acknowledged by maria")


def test_a_failed_machines_page_says_what_was_predicted_and_why(plant: ServedPlant, people: People) -> None:
    failing(plant, "press-0012")
    page = people("victor").open("/devices/press-0012")
    expect(page.get_by_text("The machine has failed. Secure it")).to_be_visible()
    expect(page.get_by_text("Main reason before the failure: 3 warning codes in 24 h")).to_be_visible()
    expect(page.get_by_text(re.compile("Predicted .* before it failed")).first).to_be_visible()
    expect(page.get_by_text("Remaining life")).to_have_count(0)
    expect(page.get_by_text("Nothing to do")).to_have_count(0)


def test_whoever_is_on_duty_is_shown_and_paged(plant: ServedPlant, people: People) -> None:
    """And the link in the message leads to the case by way of the sign-in."""
    failing(plant, "press-0013")

    def the_message() -> str | None:
        texts = [each.body["message"] for each in plant.phones.taken if each.path == "/maria"]
        return next((text for text in texts if "case=press-0013" in text), None)

    assert eventually(the_message, 60)
    message = the_message() or ""
    link = re.search(r"https?://\S+case=press-0013", message)
    assert link is not None
    nobody = people(None)
    nobody.page.goto(link[0])
    expect(nobody.page.get_by_role("link", name="Sign in with Grafana")).to_be_visible()
    maria = people("maria")
    maria.page.goto(link[0])
    dialog = maria.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Acknowledge press-0013?")
    dialog.get_by_role("button", name="Acknowledge").click()
    one = maria.page.locator("[data-case='press-0013']")
    expect(one).to_contain_text("acknowledged by maria")
    expect(one).to_contain_text("Paged: maria")
    expect(maria.page.get_by_label("On duty")).to_contain_text("On duty: maria until")
    expect(maria.page.get_by_label("On duty")).to_contain_text("after 10 min each: anna")


def test_a_test_page_and_the_noise_of_rules(plant: ServedPlant, people: People) -> None:
    failing(plant, "press-0014")
    page = people("maria").open("/alarms")
    page.get_by_role("button", name="Test page …").click()
    page.get_by_role("dialog").get_by_label("To").select_option("anna")
    page.get_by_role("button", name="Send").click()
    assert eventually(lambda: any(each.body["title"] == "Test page" for each in plant.phones.taken), 30)
    page.get_by_role("button", name="Noise by rule …").click()
    expect(page.get_by_role("dialog")).to_contain_text("Machine failed:")


@pytest.mark.parametrize("width", [1920, 820, 390])
def test_cards_fit_the_screen(plant: ServedPlant, people: People, width: int) -> None:
    failing(plant, "press-0015")
    page = people("maria", viewport={"width": width, "height": 900}).open("/alarms")
    expect(page.locator("[data-case='press-0015']")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_menu_has_one_row_on_a_tablet_also_while_alarms_are_counted(plant: ServedPlant, people: People) -> None:
    failing(plant, "press-0011")
    page = people("maria", viewport={"width": 820, "height": 1180}).open("/alarms")
    menu = page.get_by_role("banner").get_by_role("navigation")
    expect(menu.locator(".count")).to_be_visible()
    assert menu.evaluate("menu => new Set([...menu.children].map(link => link.offsetTop)).size") == 1
