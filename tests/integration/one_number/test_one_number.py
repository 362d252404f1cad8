"""What a day used and cost is one number wherever it is asked for, to the watt hour and the cent.

Readings of real days go through the historian into a real database, people decide over the API, and a real Prometheus
reads the ledger (`conftest`). The same day is added up by hand beside it, from loads and prices alone (`by_hand`).
"""

import csv
import io
from datetime import timedelta
from typing import Any, Final

import openpyxl
import pytest

from energytrack.bill.invoice import cents
from energytrack.bill.load import Month
from energytrack.bill.reading import Bills
from energytrack.clock import ManualClock
from energytrack.ledger.local_days import ONE_DAY, midnight, utc
from energytrack.ledger.sums import total
from energytrack.plant import Plant
from energytrack.report.gathering import Reports
from energytrack.report.workbook import as_xlsx
from energytrack.store import Store
from testkit.dates import PLANT_ZONE
from tests.integration.control_api.conftest import ApiUnderTest
from tests.integration.one_number.by_hand import (
    AFTERNOON_PRICE,
    CENT,
    DAYS,
    MINUTE,
    MORNING_PRICE,
    NAMES,
    UNDECIDED,
    WH,
    CountedDay,
    bands_by_hand,
    cost_by_hand,
    in_month,
    kwh_by_hand,
    quarters_by_hand,
    used_between,
    used_of,
)
from tests.integration.one_number.conftest import Ask
from tools.dashboards.kit import energy_terms
from tools.dashboards.kit.queries import LINES


def test_the_ledger(store: Store, api: ApiUnderTest) -> None:
    """By quarter hour; 444 kWh of each day wait for a decision, and are in no other number."""
    for day in DAYS:
        for name, used in quarters_by_hand(day).items():
            kept = store.ledger.day(name, day.date)
            assert kept is not None
            assert [each.kwh for each in kept.quarters()] == [pytest.approx(kwh, abs=WH) for kwh in used]


def energy(api: ApiUnderTest, day: CountedDay, kind: str = "", **query: str) -> Any:
    query = {"from": day.date.isoformat(), "to": day.date.isoformat(), **query}
    response = api.client.get(f"/api/energy{kind}", query_string=query)
    assert response.status_code == 200, response.text
    return response


def assert_is_the_day(day: CountedDay, kwh: float, cost: float) -> None:
    assert kwh == pytest.approx(kwh_by_hand(day), abs=WH)
    assert cost == pytest.approx(cost_by_hand(day), abs=CENT)


@pytest.mark.parametrize("by", ["plant", "line", "type", "machine"])
@pytest.mark.parametrize("resolution", ["15min", "hour", "day", "month", "year"])
@pytest.mark.parametrize("day", DAYS, ids=NAMES.get)
def test_the_api(api: ApiUnderTest, day: CountedDay, resolution: str, by: str) -> None:
    """However it is cut into pieces; a month and a year that are asked for a day have that day."""
    rows = energy(api, day, by=by, resolution=resolution).get_json()["rows"]
    assert_is_the_day(day, sum(row["kwh"] for row in rows), sum(row["cost"] for row in rows))
    assert sum(row["suspect_kwh"] for row in rows) == pytest.approx(UNDECIDED, abs=0.5)


@pytest.mark.parametrize("resolution", ["month", "year"])
def test_whole_months_and_years_of_the_api(api: ApiUnderTest, resolution: str) -> None:
    """As the ledger keeps their sums, with what people decided."""
    first, last = DAYS[0].date.replace(month=1, day=1), DAYS[-1].date.replace(month=12, day=31)
    query = {"from": first.isoformat(), "to": last.isoformat(), "resolution": resolution}
    rows = api.client.get("/api/energy", query_string=query).get_json()["rows"]
    assert sum(row["kwh"] for row in rows) == pytest.approx(sum(map(kwh_by_hand, DAYS)), abs=WH)
    assert sum(row["cost"] for row in rows) == pytest.approx(sum(map(cost_by_hand, DAYS)), abs=CENT)


@pytest.mark.parametrize("separator", ["comma", "semicolon"])
@pytest.mark.parametrize("day", DAYS, ids=NAMES.get)
def test_the_export_as_csv(api: ApiUnderTest, day: CountedDay, separator: str) -> None:
    text = (
        energy(api, day, ".csv", by="machine", resolution="15min", separator=separator).get_data().decode("utf-8-sig")
    )
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if separator == "semicolon" else ","))
    whole = {name: sum(float(row[name].replace(",", ".")) for row in rows) for name in ("kwh", "cost")}
    assert_is_the_day(day, **whole)


@pytest.mark.parametrize("day", DAYS, ids=NAMES.get)
def test_the_export_as_xlsx(api: ApiUnderTest, day: CountedDay) -> None:
    book = openpyxl.load_workbook(io.BytesIO(energy(api, day, ".xlsx", resolution="15min").get_data()), read_only=True)
    head, *rows = book.worksheets[0].values
    whole = {name: sum(row[head.index(name)] for row in rows) for name in ("kwh", "cost")}
    assert_is_the_day(day, **whole)
    assert len(rows) == day.quarters


MONTHS: Final = tuple(sorted({Month.of(day.date) for day in DAYS}))


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_the_bill(api: ApiUnderTest, month: Month) -> None:
    """Each band to the cent, by hand; the total is their sum."""
    response = api.client.get("/api/bill", query_string={"month": str(month)})
    assert response.status_code == 200, response.text
    bill = response.get_json()
    lines = {line["name"]: line for line in bill["invoice"]["lines"]}
    bands = zip(*map(bands_by_hand, in_month(month)), strict=True)
    for name, price, kwh in zip(
        ("morning", "afternoon"), (MORNING_PRICE, AFTERNOON_PRICE), map(sum, bands), strict=True
    ):
        assert lines[name]["quantity"] == pytest.approx(kwh, abs=WH)
        assert lines[name]["amount"] == cents(kwh * price)
    assert bill["kwh"] == pytest.approx(sum(map(kwh_by_hand, in_month(month))), abs=WH)
    assert bill["invoice"]["total"] == cents(sum(line["amount"] for line in lines.values()))
    assert bill["suspect_kwh"] == pytest.approx(UNDECIDED * len(in_month(month)), abs=0.5)


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_the_monthly_report(store: Store, api: ApiUnderTest, plant: Plant, clock: ManualClock, month: Month) -> None:
    """Its days, lines and machines, its bill, and every sheet of its workbook."""
    report = Reports(store, plant, clock).of(month)
    kwh, cost = sum(map(kwh_by_hand, in_month(month))), sum(map(cost_by_hand, in_month(month)))
    for parts in (report.days, report.lines, report.machines):
        whole = total(part.sums for part in parts)
        assert whole.kwh == pytest.approx(kwh, abs=WH)
        assert whole.cost == pytest.approx(cost, abs=CENT)
    for day in in_month(month):
        (reported,) = (each for each in report.days if each.date == day.date)
        assert_is_the_day(day, reported.sums.kwh or 0.0, reported.sums.cost)
    assert report.bill == Bills(store, plant, clock).of(month)
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(report)), data_only=True)
    for name, kwh_at, cost_at in (("Lines", 1, 2), ("Machines", 1, 2), ("Days", 1, 2), ("Quarter hours", 2, 4)):
        rows = [row for row in list(book[name].values)[1:] if row[0] not in {None, "Total"}]
        assert sum(row[kwh_at] for row in rows) == pytest.approx(kwh, abs=WH), name
        assert sum(row[cost_at] for row in rows) == pytest.approx(cost, abs=CENT), name
    summary = {row[0]: row[1] for row in book["Summary"].values}
    assert summary["Energy, kWh"] == pytest.approx(kwh, abs=WH)
    assert summary["Cost, EUR"] == report.bill.invoice.total


def panel(expression: str, range_seconds: float = 0.0) -> str:
    """As Grafana sends it, for all lines."""
    return expression.replace("$__range", f"{round(range_seconds)}s").replace(f",{LINES}", "")


@pytest.mark.parametrize("day", DAYS, ids=NAMES.get)
def test_grafana_by_day_and_month(ask: Ask, day: CountedDay) -> None:
    """As the panels of days and months ask, at the midnight before; the quarter hours add up to the same."""
    of_month = used_of(in_month(Month.of(day.date)))
    for what, value, month in zip(("kwh", "cost"), used_of([day]), of_month, strict=True):
        limit = WH if what == "kwh" else CENT
        (found,) = ask(panel(energy_terms.kept(f"day_{what}", by="")), day.start).values()
        assert found == pytest.approx(value, abs=limit)
        begins = utc(midnight(day.date.replace(day=1), PLANT_ZONE))
        (found,) = ask(panel(energy_terms.kept(f"month_{what}", by="")), begins).values()
        assert found == pytest.approx(month, abs=limit)
        (quarters,) = ask(
            f'sum (sum_over_time(energytrack_ledger_quarter_{what}{{source="ledger"}}[{day.quarters // 4}h]))',
            day.start + day.quarters * 15 * MINUTE,
        ).values()
        assert quarters == pytest.approx(value, abs=limit)


@pytest.mark.parametrize("hours", [0.02, 11.9, 12.1, 18.0, 22.9, 24.9])
@pytest.mark.parametrize("day", DAYS, ids=NAMES.get)
def test_grafana_today_yesterday_and_this_month(ask: Ask, day: CountedDay, hours: float) -> None:
    """On *Plant overview*, at any hour of the day."""
    if hours >= day.quarters / 4:
        return
    now = day.start + timedelta(hours=hours)
    first = day.date.replace(day=1)
    so_far = now.timestamp() - midnight(first, PLANT_ZONE)
    asked = {
        energy_terms.of_today: (day.date, day.date),
        energy_terms.of_month: (first, day.date),
        energy_terms.of_yesterday: (day.date - ONE_DAY, day.date - ONE_DAY),
        energy_terms.of_last_days: (day.date - timedelta(days=7), day.date - ONE_DAY),
    }
    for term, span in asked.items():
        for what, value in zip(("kwh", "cost"), used_between(*span), strict=True):
            found = sum(ask(panel(term(what, by="line"), so_far), now).values())
            assert found == pytest.approx(value, abs=WH if what == "kwh" else CENT), (term.__name__, what)


@pytest.mark.parametrize("hours", [0.02, 12.1, 23.9])
@pytest.mark.parametrize("day", DAYS, ids=NAMES.get)
def test_grafana_a_day_and_some_days_later(ask: Ask, day: CountedDay, hours: float) -> None:
    """Yesterday is the whole day before, and the last seven days have it once."""
    for days in (1, 7, 8):
        local = day.date + timedelta(days=days)
        now = utc(midnight(local, PLANT_ZONE)) + timedelta(hours=hours)
        yesterday = sum(ask(panel(energy_terms.of_yesterday("kwh")), now).values())
        assert yesterday == pytest.approx(used_between(local - ONE_DAY, local - ONE_DAY)[0], abs=WH), days
        week = sum(ask(panel(energy_terms.of_last_days("kwh")), now).values())
        assert week == pytest.approx(used_between(local - timedelta(days=7), local - ONE_DAY)[0], abs=WH), days
