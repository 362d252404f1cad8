"""What the plant used, on the operators' page: with cost and coverage; and what waits for a decision."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from energytrack.ledger.day import Day
from energytrack.ledger.local_days import date_at
from energytrack.ledger.rollup import DaySums, MonthSums
from energytrack.plant import Place
from testkit.builders.ledger import a_day
from testkit.dates import PLANT_ZONE
from tests.browser.conftest import People, ServedPlant
from tests.browser.test_operators_page import give_reason_and_confirm


def kept(plant: ServedPlant, device_id: str, day: date, **fields: object) -> Day:
    """A machine's day is in the ledger, with its sums."""
    made = a_day(device_id, day, **fields)
    plant.store.ledger.put([made])
    place = Place(made.device_type, made.line)
    days = [DaySums(device_id, day, place, made.sums())]
    plant.store.rollups.put(days, [MonthSums(device_id, day.year, day.month, place, made.sums())])
    return made


@pytest.fixture
def yesterday(plant: ServedPlant) -> date:
    """Over, whatever the hour."""
    return date_at((plant.clock.now() - timedelta(days=1)).timestamp(), PLANT_ZONE)


def test_energy_is_shown_with_its_cost_and_how_it_is_known(plant: ServedPlant, people: People, yesterday: date) -> None:
    """By line, and by machine; in any period."""
    used = kept(plant, "press-0001", yesterday, device_type="press", line="press-shop").sums()
    half = dict.fromkeys(range(48), 900.0)
    kept(plant, "cnc-0007", yesterday, measured_seconds=half, estimated_seconds={n + 44: 900.0 for n in half})
    page = people("victor").open("/energy")
    page.get_by_role("button", name="Earlier").click()
    row = page.get_by_role("row", name="press-shop")
    expect(row).to_contain_text(f"{used.counted_kwh:.0f} kWh")
    expect(row).to_contain_text(f"{used.cost:.2f} EUR")
    expect(row).to_contain_text("100 % measured")
    page.get_by_label("By").select_option("machine")
    expect(page.get_by_role("row", name="cnc-0007")).to_contain_text("% estimated")
    page.get_by_label("Period").select_option("year")
    expect(page.get_by_role("row", name="press-0001")).to_contain_text(f"{used.counted_kwh:.0f} kWh")
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    assert download.value.suggested_filename == "energy.xlsx"


def test_a_number_stays_beside_its_unit_on_a_tablet(plant: ServedPlant, people: People, yesterday: date) -> None:
    kept(plant, "press-0001", yesterday, device_type="press", line="press-shop")
    page = people("victor", viewport={"width": 820, "height": 1180}).open("/energy")
    page.get_by_role("button", name="Earlier").click()
    expect(page.get_by_role("row", name="press-shop")).to_contain_text("kWh")
    broken = """() => [...document.querySelectorAll("td.number, td.name")].filter(cell => {
      const text = document.createRange();
      text.selectNodeContents(cell);
      return new Set([...text.getClientRects()].map(box => Math.round(box.bottom))).size > 1;
    }).map(cell => cell.innerText)"""
    assert page.evaluate(broken) == []


def test_an_editor_decides_about_suspect_energy(plant: ServedPlant, people: People, yesterday: date) -> None:
    """The sums follow at once, and who decided what is listed; a Viewer sees it and has no button."""
    kept(plant, "drill-0003", yesterday, suspect_kwh={40: 7.0, 41: 3.0}, reasons={"leap": (40, 41)})
    plant.says("drill-0003", "idle")
    viewer = people("victor").open("/energy")
    expect(viewer.get_by_role("row", name="drill-0003").first).to_contain_text("10.0 kWh")
    expect(viewer.get_by_role("button", name="Decide …")).to_have_count(0)
    page = people("maria").open("/energy")
    waiting = page.get_by_role("region", name="Waits for a decision")
    expect(waiting.get_by_role("row", name="drill-0003")).to_contain_text("Decide whether the energy was used")
    waiting.get_by_role("button", name="Decide …").click()
    give_reason_and_confirm(page, "Decide", "the gateway had held them back")
    expect(page.get_by_text("Decided: 4.0 kWh before, 14.0 kWh now.")).to_be_visible()
    expect(waiting).to_contain_text("Nothing waits for a decision")
    decisions = page.get_by_role("region", name="Decisions")
    expect(decisions.get_by_role("row", name="drill-0003")).to_contain_text("the gateway had held them back")


def test_an_editor_mends_a_wrong_quarter_hour_and_withdraws_that(
    plant: ServedPlant, people: People, yesterday: date
) -> None:
    """From the page of the machine or the page Energy; what the meter said stays in the list, with who and why."""
    kept(plant, "cnc-0020", yesterday)
    plant.says("cnc-0020", "running")
    page = people("maria").open("/devices/cnc-0020")
    energy = page.locator("section", has=page.get_by_role("heading", name="Energy"))
    energy.get_by_role("button", name="Correct …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Day").fill(yesterday.isoformat())
    dialog.get_by_label("First quarter hour").select_option(label="10:00 (2.0 kWh)")
    dialog.get_by_label("Last quarter hour").select_option(label="10:45 (2.0 kWh)")
    expect(dialog).to_contain_text("Counts now: 8.0 kWh.")
    dialog.get_by_label("Energy in this time, kWh").fill("3")
    give_reason_and_confirm(page, "Correct", "read off the meter's display")
    expect(page.get_by_text("Decided: 8.0 kWh before, 3.0 kWh now.")).to_be_visible()
    energy.get_by_text("Decisions").click()
    row = energy.get_by_role("row", name="read off the meter's display")
    expect(row).to_contain_text("maria")
    page.goto(f"{plant.origin}/control/energy")
    decisions = page.get_by_role("region", name="Decisions")
    decisions.get_by_role("row", name="read off the meter's display").get_by_role("button", name="Withdraw …").click()
    give_reason_and_confirm(page, "Withdraw", "it was another meter")
    expect(page.get_by_text("Decided: 3.0 kWh before, 8.0 kWh now.")).to_be_visible()
    old = decisions.get_by_role("row", name="read off the meter's display")
    expect(old).to_contain_text("3.0 kWh")
    expect(old.get_by_role("button")).to_have_count(0)
    expect(decisions.get_by_role("row", name="it was another meter")).to_contain_text("withdrawn")
    viewer = people("victor").open("/devices/cnc-0020")
    expect(viewer.get_by_text("it was another meter")).to_have_count(1)
    expect(viewer.get_by_role("button", name="Correct …")).to_have_count(0)
    expect(viewer.get_by_role("button", name="Withdraw …")).to_have_count(0)


def test_a_machines_page_says_what_it_costs(plant: ServedPlant, people: People) -> None:
    """Today and this month, with its idling."""
    today = date_at(plant.clock.now().timestamp(), PLANT_ZONE)
    used = kept(plant, "arm-0001", today).sums()
    plant.says("arm-0001", "running")
    page = people("victor").open("/devices/arm-0001")
    energy = page.locator("section", has=page.get_by_role("heading", name="Energy"))
    whole = f"{used.counted_kwh:.0f} kWh ({used.cost:.2f} EUR), of which idle {used.idle_kwh:.1f} kWh"
    expect(energy).to_contain_text(f"Today: {whole} ({used.idle_cost:.2f} EUR); 100 % measured.")
    expect(energy).to_contain_text(f"This month: {whole}")
    nothing = people("victor").open("/devices/arm-0002")
    expect(nothing.get_by_text("Today: not known yet.")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1920])
def test_meters_that_are_no_machines_are_shown_in_their_own_units(
    plant: ServedPlant, people: People, yesterday: date, width: int
) -> None:
    """Of a day or a month, on a telephone too; a year is too much to compare, and tomorrow has nothing."""
    plant.store.meter_ledger.put(
        [a_day("main", yesterday, measured_kwh=3.0), a_day("air", yesterday, measured_kwh=7.0)]
    )
    page = people("victor", viewport={"width": width, "height": 900}).open("/energy")
    meters = page.get_by_role("region", name="Meters", exact=True)
    page.get_by_role("button", name="Earlier").click()
    expect(meters.get_by_role("row", name="main")).to_contain_text("288 kWh")
    air = meters.get_by_role("row", name="air")
    expect(air).to_contain_text("672 m³")
    expect(air).to_contain_text("28.0 m³/h")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as download:
        meters.get_by_role("link", name="CSV").click()
    assert "air,compressed_air,m³" in download.value.path().read_text(encoding="utf-8")
    page.get_by_label("Period").select_option("year")
    expect(meters).to_be_hidden()
    page.get_by_label("Period").select_option("day")
    expect(meters).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="Later").click()
    expect(meters).to_be_hidden()
    expect(page.locator(".toast")).to_have_count(0)
