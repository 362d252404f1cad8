"""Machines that come and go on their page: unknown ones, and those that plant.toml lists."""

from playwright.sync_api import expect

from tests.browser.conftest import People, ServedPlant


def test_a_listed_machine_is_retired_with_a_reason(plant: ServedPlant, people: People) -> None:
    """It leaves the fleet; who did it and why stays."""
    plant.says("press-0002", "running", risk=0.1)
    page = people("maria").open("/machines")
    page.get_by_role("button", name="Retire …").last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)  # no machine is named yet
    page.get_by_label("Machine", exact=True).fill("press-0002")
    page.get_by_role("button", name="Retire …").last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Retire press-0002?")
    dialog.get_by_label("Reason").fill("sold")
    dialog.get_by_role("button", name="Retire it").click()
    done = page.get_by_role("region", name="Retired, renamed, removed")
    expect(done).to_contain_text("press-0002")
    expect(done).to_contain_text("sold")
    assert "press-0002" not in [machine.device_id for machine in plant.store.devices.all()]


def test_a_listed_machine_is_renamed_by_an_administrator(plant: ServedPlant, people: People) -> None:
    plant.says("press-0003", "running", risk=0.1)
    page = people("anna").open("/machines")
    page.get_by_label("Machine", exact=True).fill("press-0003")
    page.get_by_role("button", name="Rename …").last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New id").fill("press-0103")
    dialog.get_by_label("Reason").fill("new numbers")
    dialog.get_by_role("button", name="Rename it").click()
    expect(page.get_by_role("region", name="Retired, renamed, removed")).to_contain_text("renamed to press-0103")
    unknown = page.get_by_role("region", name="Seen, not in plant.toml")
    expect(unknown.locator("tr[data-machine=press-0103]")).to_contain_text('device_id = "press-0103"')
    expect(people("maria").open("/machines").get_by_role("button", name="Rename …")).to_have_count(0)
