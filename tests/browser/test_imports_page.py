"""Files on the import page: what was understood is seen before it is stored, and taken back where it was stored."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from testkit.builders.import_files import columns, price_stretches, starts, vibration
from testkit.builders.plants import SPOT, a_plant_file
from tests.browser.conftest import People, ServedPlant

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def plant_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contract whose market prices people import."""
    return a_plant_file(tmp_path_factory.mktemp("plant"), SPOT)


def looked_at(page: Page, name: str, body: bytes) -> Locator:
    """The report of a file that somebody chose."""
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "text/csv", "buffer": body})
    page.get_by_role("button", name="Look at it").click()
    return page.locator("#import-report")


def stored(page: Page, file: str) -> Locator:
    """The row of a file, whatever the other rows name."""
    name = page.get_by_role("cell", name=file, exact=True)
    return page.locator("tr[data-batch]").filter(has=name)


def taken_back(page: Page, file: str, reason: str) -> None:
    row = stored(page, file)
    row.get_by_role("button", name="Take back …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name="Take it back").click()
    expect(row).to_contain_text(reason)
    expect(row.get_by_role("button")).to_have_count(0)


def prices(plant: ServedPlant) -> bytes:
    hours = starts(plant.clock.now().date(), 1, step=HOUR)[:23]  # whatever the clocks do
    return price_stretches(hours, [80.0 + i for i in range(23)]).encode()


def test_prices_are_shown_stored_and_taken_back(plant: ServedPlant, people: People) -> None:
    """What the file does not prove is asked; then come its rows, the price with its currency, and what is new."""
    page = people("anna").open("/imports")
    report = looked_at(page, "day-ahead.csv", prices(plant))
    expect(report.get_by_role("alert")).to_contain_text("Enter it in “Time zone”")
    page.get_by_text("Correct what was found").click()
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Look at it").click()
    expect(report.get_by_role("region", name="Rows of the file")).to_contain_text("Day-ahead Price (EUR/MWh)")
    expect(report.get_by_role("region", name="What the file holds")).to_contain_text("0.0800 to 0.1020 EUR/kWh")
    expect(report).to_contain_text("23 prices are new.")
    report.get_by_role("button", name="Store 23 prices and factors").click()
    expect(stored(page, "day-ahead.csv")).to_contain_text("23 prices and factors, market prices “imported”")
    page.get_by_role("button", name="Look at it").click()
    expect(report).to_contain_text("This is stored already")
    taken_back(page, "day-ahead.csv", "of another market")


def test_an_editor_sees_prices_and_stores_none(plant: ServedPlant, people: People) -> None:
    page = people("maria").open("/imports")
    page.get_by_text("Correct what was found").click()
    page.get_by_label("Time zone").fill("Europe/Berlin")
    report = looked_at(page, "spot.csv", prices(plant))
    expect(report).to_contain_text("Only a person with the role Admin can store prices and emission factors.")
    expect(report.get_by_role("button")).to_have_count(0)


def test_a_price_in_no_known_unit_is_asked_for_where_it_is_said(plant: ServedPlant, people: People) -> None:
    page = people("anna").open("/imports")
    rows = "".join(
        f"{at:%Y-%m-%dT%H:%MZ};{70 + n}\n" for n, at in enumerate(starts(plant.clock.now().date(), 1, step=HOUR))
    )
    page.get_by_text("Correct what was found").click()
    page.get_by_label("Column with the price").fill("Spot")
    report = looked_at(page, "spot.csv", f"time;Spot\n{rows}".encode())
    expect(report.get_by_role("alert")).to_contain_text("Enter it in “Price is”")
    page.get_by_label("Price is").select_option("per MWh")
    page.get_by_label("Rows show").select_option("begin")
    page.get_by_role("button", name="Look at it").click()
    expect(report.get_by_role("region", name="What the file holds")).to_contain_text("0.0700 to")


def test_emission_factors_need_no_more_than_their_heading(plant: ServedPlant, people: People) -> None:
    page = people("anna").open("/imports")
    rows = "".join(f"{at:%Y-%m-%dT%H:%MZ};412\n" for at in starts(plant.clock.now().date(), 1, step=HOUR))
    page.get_by_text("Correct what was found").click()
    page.get_by_label("Rows show").select_option("begin")
    report = looked_at(page, "grid.csv", f"time;Intensity [g CO2/kWh]\n{rows}".encode())
    held = report.get_by_role("region", name="What the file holds")
    expect(held).to_contain_text("Emission factor of the grid")
    expect(held).to_contain_text("0.4120 to 0.4120 kg CO2e/kWh")
    report.get_by_role("button", name="Store").click()
    expect(stored(page, "grid.csv")).to_contain_text("emission factors")


def test_a_maintenance_systems_list_is_shown_with_what_is_left_out(plant: ServedPlant, people: People) -> None:
    yesterday = plant.clock.now() - timedelta(days=1)
    happened = ("06:10;Ausfall;Spindellager", "09:40;Reparatur;Lager", "11:00;Pause;")
    rows = ["Maschine;Datum;Art;Beschreibung", *(f"press-0001;{yesterday:%d.%m.%Y} {each}" for each in happened)]
    page = people("maria").open("/imports")
    page.get_by_text("Correct what was found").click()
    page.get_by_label("Time zone").fill("Europe/Berlin")
    report = looked_at(page, "sap.csv", "\n".join(rows).encode())
    expect(report.get_by_role("region", name="What was found")).to_contain_text("left out: 'Pause'")
    expect(report.get_by_role("region", name="What the file holds")).to_contain_text("press-0001")
    report.get_by_role("button", name="Store 2 events").click()
    expect(stored(page, "sap.csv")).to_contain_text("2 events")
    taken_back(page, "sap.csv", "only tried")


def test_a_unit_that_cannot_be_right_is_asked_with_the_one_it_looks_like(plant: ServedPlant, people: People) -> None:
    """The field is filled in: looking again is enough."""
    page = people("anna").open("/imports")
    day = plant.clock.now().date() - timedelta(days=3)
    body = columns(starts(day, 1), "%Y-%m-%dT%H:%M%z", value="6500").encode()
    page.get_by_text("Correct what was found").click()
    page.get_by_label("Rows show").select_option("begin")
    page.get_by_label("Values are").select_option("interval")
    report = looked_at(page, "press-0001.csv", body)
    expect(report.get_by_role("alert")).to_contain_text("it looks like Wh; or, if kWh is right, set “Amounts” to")
    expect(report.get_by_role("alert")).to_contain_text("Enter it in “Unit” and look again")
    expect(page.get_by_label("Unit", exact=True)).to_have_value("Wh")
    page.get_by_role("button", name="Look at it").click()
    expect(report.get_by_role("region", name="What the file holds")).to_contain_text("624.000 kWh")
    page.get_by_label("Unit", exact=True).select_option("")
    page.get_by_label("Amounts").select_option("as_stated")
    page.get_by_role("button", name="Look at it").click()
    expect(report.get_by_role("region", name="What the file holds")).to_contain_text("624000.000 kWh")
    expect(report.get_by_role("region", name="What was found")).to_contain_text("it looks like Wh: as stated")


def test_vibration_becomes_features_of_a_machine(plant: ServedPlant, people: People) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(3):
            archive.writestr(f"press-0001/acc_{n:03d}.csv", vibration(seed=n))
    page = people("maria").open("/imports")
    page.get_by_text("High-rate vibration").click()
    page.get_by_label("Sampled at, in Hz").fill("25600")
    report = looked_at(page, "bearing.zip", packed.getvalue())
    expect(report.get_by_role("alert")).to_contain_text("its name contains no time")
    page.get_by_text("Correct what was found").click()
    page.get_by_label("First count, or first file, was at").fill(
        (plant.clock.now() - HOUR).isoformat(timespec="seconds")
    )
    page.get_by_label("Seconds from one to the next").fill("10")
    page.get_by_role("button", name="Look at it").click()
    expect(report.get_by_role("region", name="What the file holds")).to_contain_text("horizontal_rms")
    report.get_by_role("button", name="Store 3 readings").click()
    expect(stored(page, "bearing.zip")).to_contain_text("3 readings")
