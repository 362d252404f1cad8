"""What was saved, on the operators' page: from a baseline to a measure that is proved."""

from datetime import date, timedelta

from playwright.sync_api import Page, expect

from energytrack.ledger.local_days import date_at
from testkit.builders.ledger import a_press_day
from testkit.dates import PLANT_ZONE
from tests.browser.conftest import People, ServedPlant

ONE = timedelta(days=1)
PRESS = "press-0009"
OTHER = "press-0010"


def ran(plant: ServedPlant, first: date, days: int, *, idle_kwh: float, device_id: str = PRESS) -> None:
    """A press that uses that much in each quarter hour of the night."""
    nights = [index < 24 or index >= 80 for index in range(96)]
    plant.store.ledger.put(
        [
            a_press_day(device_id, day, off_shift=nights, idle_kwh=idle_kwh)
            for day in (first + n * ONE for n in range(days))
        ]
    )


def make_baseline(page: Page, machine: str, today: date, *, note: str) -> None:
    """Of the sixty days that ended three weeks ago."""
    page.get_by_role("button", name="New baseline …").click()
    page.get_by_label("Its name").fill(machine)
    page.get_by_label("From").fill(str(today - 80 * ONE))
    page.get_by_label("To", exact=True).fill(str(today - 21 * ONE))
    page.get_by_label("Note").fill(note)
    make(page)


def make(page: Page) -> None:
    """Look at what was entered, then make it."""
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_saving_is_proved_from_the_baseline_on(plant: ServedPlant, people: People) -> None:
    """A baseline is looked at before it is made; the list says what was saved, with its interval."""
    today = date_at(plant.clock.now().timestamp(), PLANT_ZONE)
    ran(plant, today - 80 * ONE, 60, idle_kwh=1.0)
    ran(plant, today - 20 * ONE, 20, idle_kwh=0.02)
    page = people("maria").open("/savings")
    expect(page.get_by_text("No measures yet.")).to_be_visible()
    make_baseline(page, PRESS, today, note="before the night shutdown")
    expect(page.get_by_text("The baseline is made.")).to_be_visible()
    row = page.get_by_role("row", name=f"{PRESS}, version 1")
    row.get_by_role("button", name="Measure …").click()
    page.get_by_label("What is done").fill("off at night")
    page.get_by_label("First whole day").fill(str(today - 20 * ONE))
    page.get_by_label("Cost of doing").fill("120")
    page.get_by_label("Note").fill("timer")
    page.get_by_role("button", name="Open it").click()
    measure = page.get_by_role("row", name="off at night since")
    expect(measure).to_contain_text("saved")
    expect(measure).to_contain_text("±")
    expect(measure).to_contain_text("120.00 EUR")
    measure.get_by_text("How it was found").click()
    expect(measure).to_contain_text("IPMVP option B, energy metered, 20 days, 90 % confidence")
    row.get_by_role("button", name="Days …").click()
    expect(page.get_by_role("heading", name=f"{PRESS} since")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    viewer = people("victor").open("/savings")
    expect(viewer.get_by_role("row", name="off at night since")).to_be_visible()
    expect(viewer.get_by_role("button", name="End …")).to_have_count(0)


def test_a_baseline_is_changed_adjusted_and_approved_on_the_page(plant: ServedPlant, people: People) -> None:
    """Each is looked at first and makes a version; CUSUM and expected energy are drawn; a viewer changes nothing."""
    today = date_at(plant.clock.now().timestamp(), PLANT_ZONE)
    ran(plant, today - 80 * ONE, 80, idle_kwh=1.0, device_id=OTHER)
    page = people("maria").open("/savings")
    make_baseline(page, OTHER, today, note="as it was")

    page.get_by_role("row", name=f"{OTHER}, version 1").get_by_role("button", name="Leave days out …").click()
    page.get_by_label("From").fill(str(today - 40 * ONE))
    page.get_by_label("To", exact=True).fill(str(today - 39 * ONE))
    page.get_by_label("Why").fill("strike")
    make(page)

    page.get_by_role("row", name=f"{OTHER}, version 2").get_by_role("button", name="Adjust …").click()
    page.get_by_label("From", exact=True).fill(str(today - 10 * ONE))
    page.get_by_label("kWh a day").fill("25")
    page.get_by_label("Why").fill("second furnace")
    make(page)

    row = page.get_by_role("row", name=f"{OTHER}, version 3")
    expect(row).to_contain_text("58 days")
    expect(row).to_contain_text("not approved")
    row.get_by_role("button", name="Approve …").click()
    page.get_by_label("Note").fill("seen with the auditor")
    page.get_by_role("button", name="Approve it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    row = page.get_by_role("row", name=f"{OTHER}, version 4")
    expect(row).to_contain_text("approved by")
    expect(row.get_by_role("button", name="Approve …")).to_have_count(0)
    row.get_by_text("Checks", exact=True).click()
    expect(row).to_contain_text("second furnace")
    expect(row).to_contain_text("strike")

    row.get_by_role("button", name="Versions …").click()
    expect(page.get_by_role("dialog")).to_contain_text("seen with the auditor")
    page.get_by_role("button", name="Close").click()
    row.get_by_role("button", name="Days …").click()
    expect(page.get_by_role("figure", name="Used and expected").locator("canvas")).to_be_visible()
    expect(page.get_by_role("figure", name="CUSUM").locator("canvas")).to_be_visible()
    page.get_by_role("button", name="Close").click()

    viewer = people("victor").open("/savings")
    seen = viewer.get_by_role("row", name=f"{OTHER}, version 4")
    expect(seen.get_by_role("button", name="Versions …")).to_be_visible()
    expect(seen.get_by_role("button", name="Change …")).to_have_count(0)
