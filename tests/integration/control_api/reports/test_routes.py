"""The report through the API: in short, as files, and page by page."""

from io import BytesIO

import openpyxl
import pytest

from energytrack.bill.load import Month
from energytrack.ledger.local_days import dates
from testkit.builders.ledger import a_day
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest


@pytest.fixture
def month(plant: ApiUnderTest) -> Month:
    """The last one that is over, of one machine."""
    month = Month.before(plant.clock.now().astimezone(plant.services.plant.zone))
    plant.services.store.ledger.put([a_day("press-0001", day) for day in dates(month.first, month.last)])
    return month


def test_in_short_as_pages_and_as_files(plant: ApiUnderTest, month: Month) -> None:
    """For everybody who may look; the amounts are those of the bill."""
    client = plant.signed_in("victor")
    report = client.get("/api/report").get_json()
    bill = client.get("/api/bill").get_json()
    assert (report["month"], report["language"], report["is_known"]) == (str(month), "en", True)
    figures = {each["name"]: each["value"] for each in report["figures"]}
    assert figures["Cost"] == f"€{bill['invoice']['total']:,.2f}"
    for page in range(1, report["pages"] + 1):
        assert client.get(f"/api/report.png?page={page}").get_data()[:4] == b"\x89PNG"
    assert problem(client.get("/api/report.png?page=99"))[:2] == (404, "unknown_page")
    pdf = client.get(f"/api/report.pdf?month={month}&language=fr")
    assert pdf.get_data()[:4] == b"%PDF"
    assert pdf.headers["Content-Disposition"] == f'attachment; filename="energy-report-{month}.pdf"'
    book = openpyxl.load_workbook(BytesIO(client.get("/api/report.xlsx?language=fr").get_data()))
    assert book.sheetnames[0] == "Synthèse"


def test_a_month_of_which_nothing_is_known(plant: ApiUnderTest) -> None:
    report = plant.client.get("/api/report?month=2001-01").get_json()
    assert (report["is_known"], report["sentences"]) == (False, ["No energy data for this month."])


def test_what_is_no_month_and_no_language(plant: ApiUnderTest) -> None:
    assert problem(plant.client.get("/api/report?month=october"))[0] == 422
    assert problem(plant.client.get("/api/report?language=tlh"))[0] == 422


def test_nobody_reads_it_without_signing_in(plant: ApiUnderTest) -> None:
    assert plant.nobody().get("/api/report").status_code == 401
