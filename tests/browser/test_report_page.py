"""The report of a month on the operators' page: its sentences, its pages, its files, in a chosen language."""

from datetime import date

from playwright.sync_api import expect

from energytrack.bill.load import Month
from energytrack.ledger.local_days import date_at, dates
from testkit.builders.ledger import a_day
from testkit.dates import PLANT_ZONE
from tests.browser.conftest import People, ServedPlant


def a_month(plant: ServedPlant) -> Month:
    """The last one that is over, of two machines."""
    today: date = date_at(plant.clock.now().timestamp(), PLANT_ZONE)
    month = Month.of(today).previous
    for device_id, line in (("press-0001", "press-shop"), ("cnc-0007", "machining-a")):
        plant.store.ledger.put([a_day(device_id, day, line=line) for day in dates(month.first, month.last)])
    return month


def test_it_is_read_page_by_page_and_downloaded(plant: ServedPlant, people: People) -> None:
    month = a_month(plant)
    page = people("victor").open("/report")
    short = page.get_by_role("region", name="In short")
    expect(short).to_contain_text("2 machines used")
    expect(page.get_by_role("img", name="Page 1 of")).to_be_visible()
    page.get_by_label("Language", exact=True).select_option("de")
    expect(short).to_contain_text("2 Maschinen verbrauchten")
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename == f"energy-report-{month}.pdf"
    page.get_by_role("button", name="Earlier").click()
    expect(short).to_contain_text("Über die Energie dieses Monats ist nichts bekannt.")
