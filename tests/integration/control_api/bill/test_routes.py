"""The bill through the API."""

import csv
import io

import pytest

from energytrack.bill.load import Month
from energytrack.ledger.local_days import dates
from testkit.builders.ledger import a_day
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest


@pytest.fixture
def month(plant: ApiUnderTest) -> Month:
    """The last one that is over, of one machine: 2 kWh in each quarter hour at 0.25 each."""
    month = Month.before(plant.clock.now().astimezone(plant.services.plant.zone))
    plant.services.store.ledger.put([a_day("press-0001", day) for day in dates(month.first, month.last)])
    return month


def test_the_last_month_that_is_over(plant: ApiUnderTest, month: Month) -> None:
    """For everybody who may look."""
    bill = plant.signed_in("victor").get("/api/bill").get_json()
    assert (bill["month"], bill["currency"], bill["machines"]) == (str(month), "EUR", 1)
    assert bill["known_ratio"] == 1.0
    assert bill["invoice"]["total"] == pytest.approx(0.25 * bill["kwh"], abs=0.05)
    assert bill["peak"]["kw"] == 8.0


def test_as_csv(plant: ApiUnderTest, month: Month) -> None:
    answer = plant.client.get(f"/api/bill.csv?month={month}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="bill-{month}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert rows[-1]["name"] == "total"


def test_a_month_that_is_none(plant: ApiUnderTest) -> None:
    assert problem(plant.client.get("/api/bill?month=october"))[0] == 422


def test_a_month_of_which_nothing_is_known(plant: ApiUnderTest) -> None:
    bill = plant.client.get("/api/bill?month=2001-01").get_json()
    assert (bill["kwh"], bill["until"], bill["peak"]) == (None, None, None)


def test_a_bill_follows_what_changes_in_the_past_at_once(plant: ApiUnderTest, month: Month) -> None:
    """An import that the historian took over, or its undo: the bill that was kept counts no more."""
    store = plant.services.store
    before = total(plant)
    store.ledger.put([a_day("press-0001", month.first, measured_kwh=4.0, revision=2)])
    assert total(plant) == before, "within the minute it is kept"
    store.edition.rise()
    assert total(plant) == pytest.approx(before + 2.0 * 96 * 0.25, abs=0.05)


def total(plant: ApiUnderTest) -> float:
    return float(plant.client.get("/api/bill").get_json()["invoice"]["total"])


def test_nobody_reads_it_without_signing_in(plant: ApiUnderTest) -> None:
    assert plant.nobody().get("/api/bill").status_code == 401
