"""What a day used and cost is one number wherever it is asked for, to the watt hour and the cent.

Readings of real days go through the historian into a real database, people decide over the API, and a real Prometheus
reads the ledger. The same day is added up by hand beside it, from nothing but the loads and the prices below.
"""

import csv
import io
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import openpyxl
import pytest
from prometheus_client import CollectorRegistry

from control_api.annotations import annotating_client
from control_api.app import create_app
from control_api.auth.grafana import GrafanaSessions
from control_api.composition import build
from control_api.settings import ControlApiSettings
from energytrack.bill.invoice import cents
from energytrack.bill.load import Month
from energytrack.bill.reading import Bills
from energytrack.clock import ManualClock
from energytrack.ledger.local_days import ONE_DAY, midnight, quarter_count, utc
from energytrack.ledger.sums import total
from energytrack.messages import Reading
from energytrack.plant import Plant, load_plant
from energytrack.report.gathering import Reports
from energytrack.report.workbook import as_xlsx
from energytrack.store import Store
from exporters.ledger.series import LedgerSeries
from exporters.web import ledger_app
from local.site import HOST
from testkit.builders.control import a_store
from testkit.builders.messages import a_reading
from testkit.dates import CLOCKS_BACK, CLOCKS_FORWARD, MONDAY, PLANT_ZONE
from testkit.stack.servers import eventually, prometheus_running, site_in
from testkit.stand_ins.grafana import SERVICE_TOKEN, GrafanaStandIn
from tests.integration.control_api.conftest import SETTINGS, BrittleBus
from tests.integration.control_api.conftest import Plant as ControlApi
from tests.integration.historian.filings import a_filing, taken
from tools.dashboards.kit import energy_terms
from tools.dashboards.kit.queries import LINES

MINUTE: Final = timedelta(minutes=1)
NOON: Final = 12
MORNING_PRICE: Final = 0.3137
AFTERNOON_PRICE: Final = 0.1891
"""From noon on."""
CONTRACT: Final = f"""
[tariff]
currency = "EUR"
bands = [
    {{ name = "morning", price_per_kwh = {MORNING_PRICE}, windows = [
        {{ days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], start = 00:00:00, end = 12:00:00 }}] }},
    {{ name = "afternoon", price_per_kwh = {AFTERNOON_PRICE} }},
]
"""
PATIENT: Final = {"ENERGYTRACK_CONTROL_API_PATIENCE_SECONDS": "60"}
WH: Final = 0.0005
"""Half a watt hour, in kilowatt hours."""
CENT: Final = 0.005


@dataclass(frozen=True)
class Day:
    """A day of two machines, and what they used in each quarter hour, by hand."""

    date: date
    even: str
    """A machine that uses 1.537 kWh in each quarter hour; no reading comes from 11:15 to 12:45."""
    uneven: str
    """One that uses more from hour to hour; its register leaps, and people decide."""

    @property
    def start(self) -> datetime:
        return utc(midnight(self.date, PLANT_ZONE))

    @property
    def quarters(self) -> int:
        return quarter_count(self.date, PLANT_ZONE)

    def at(self, clock: str) -> datetime:
        """An instant of the day by the clock on the wall."""
        hour, minute = map(int, clock.split(":"))
        return datetime(self.date.year, self.date.month, self.date.day, hour, minute, tzinfo=PLANT_ZONE)

    def quarter_of(self, clock: str) -> int:
        return round((self.at(clock).timestamp() - self.start.timestamp()) / 900.0)

    def used(self, device_id: str, index: int) -> float:
        """What the register says of a quarter hour."""
        return 1.537 if device_id == self.even else 0.211 + 0.0130 * (index // 4)


ORDINARY: Final = Day(MONDAY, "cnc-0001", "press-0001")
SHORT: Final = Day(CLOCKS_FORWARD, "cnc-0002", "press-0002")
LONG: Final = Day(CLOCKS_BACK, "cnc-0003", "press-0003")
DAYS: Final = tuple(sorted((ORDINARY, SHORT, LONG), key=lambda day: day.date))
NAMES: Final = {ORDINARY: "ordinary", SHORT: "23 hours", LONG: "25 hours"}
ACCEPTED: Final = 212.5
"""Kilowatt hours of a leap at 08:05 of which somebody says that they were used."""
REJECTED: Final = 333.0
"""Of one at 09:35 of which somebody says that they were not: with them goes what was used in those five minutes."""
UNDECIDED: Final = 444.0
"""Of one at 10:35 of which nobody has said anything, likewise."""
MENDED: Final = 47.125
"""What somebody entered for the hour from 14:00."""


def readings(day: Day, device_id: str) -> Iterator[Reading]:
    """A reading each five minutes, whose register shows watt hours and rises evenly within a quarter hour."""
    register = 48_211.0
    leaps = {day.at("08:05"): ACCEPTED, day.at("09:35"): REJECTED, day.at("10:35"): UNDECIDED}
    for third in range(3 * day.quarters + 1):
        at = day.start + third * 5 * MINUTE
        if device_id == day.uneven:
            register += leaps.get(at.astimezone(PLANT_ZONE), 0.0)
        if device_id == day.uneven or not day.at("11:15") < at < day.at("12:45"):
            yield a_reading(device_id, timestamp=at, energy_kwh=round(register, 6))
        register += day.used(device_id, third // 3) / 3.0


def by_hand(day: Day) -> Mapping[str, list[float]]:
    """What counts in each quarter hour of each machine."""
    used = {name: [day.used(name, index) for index in range(day.quarters)] for name in (day.even, day.uneven)}
    used[day.uneven][day.quarter_of("08:00")] += ACCEPTED
    for leapt in (day.quarter_of("09:30"), day.quarter_of("10:30")):
        used[day.uneven][leapt] *= 2.0 / 3.0
    for index in range(day.quarter_of("14:00"), day.quarter_of("15:00")):
        used[day.uneven][index] = MENDED / 4.0
    return used


def bands_by_hand(day: Day) -> tuple[float, float]:
    """Kilowatt hours of the plant before noon, and from noon on."""
    noon = day.quarter_of("12:00")
    machines = by_hand(day).values()
    return sum(sum(each[:noon]) for each in machines), sum(sum(each[noon:]) for each in machines)


def kwh_by_hand(day: Day) -> float:
    return sum(bands_by_hand(day))


def cost_by_hand(day: Day) -> float:
    morning, afternoon = bands_by_hand(day)
    return morning * MORNING_PRICE + afternoon * AFTERNOON_PRICE


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """The example plant, whose price changes at noon."""
    before, rest = Path("plant.toml").read_text(encoding="utf-8").split("[tariff]", 1)
    file = tmp_path_factory.mktemp("plant") / "plant.toml"
    file.write_text(before + CONTRACT + rest[rest.index("\n[[shifts]]") :], encoding="utf-8")
    return load_plant(file)


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    return ManualClock(DAYS[0].start)


@pytest.fixture(scope="module")
def store(mongo_uri: str, plant: Plant, clock: ManualClock) -> Iterator[Store]:
    """Three days as the historian has filed them."""
    with closing(a_store(mongo_uri, "one_number")) as store:
        store.prepare()
        filing = a_filing(store, clock, plant=plant, ledger_every_seconds=0.0)
        for day in DAYS:
            given = sorted(
                (each for name in (day.even, day.uneven) for each in readings(day, name)),
                key=lambda reading: reading.timestamp,
            )
            for first in range(0, len(given), 50):
                some = given[first : first + 50]
                clock.advance(max(0.0, (some[-1].timestamp - clock.now()).total_seconds()) + 1)
                filing.handle(taken(some))
                filing.settle()
        filing.finish()
        yield store


@pytest.fixture(scope="module")
def api(store: Store, plant: Plant, clock: ManualClock) -> ControlApi:
    """The control API, over which people have decided."""
    bus, numbers = BrittleBus(), iter(range(1, 1000))
    services = build(
        ControlApiSettings.from_env(SETTINGS | PATIENT),
        plant=plant,
        bus=bus,
        store=store,
        clock=clock,
        registry=CollectorRegistry(),
        new_id=lambda: f"{next(numbers):026d}",
        annotating=annotating_client(
            "http://grafana.test", SERVICE_TOKEN, transport=httpx.WSGITransport(GrafanaStandIn())
        ),
        grafana=GrafanaSessions(
            "http://grafana.test", org_id=1, clock=clock, transport=httpx.WSGITransport(GrafanaStandIn())
        ),
    )
    made = ControlApi(services, bus, clock, create_app(services, is_ready=lambda: True))
    for day in DAYS:
        decide(made, day, "08:00", "08:15", decision="accept")
        decide(made, day, "09:30", "09:45", decision="reject")
        decide(made, day, "14:00", "15:00", decision="value", kwh=MENDED)
    return made


def decide(api: ControlApi, day: Day, start: str, end: str, **body: Any) -> None:
    given = {
        "device_id": day.uneven, "start": day.at(start).isoformat(), "end": day.at(end).isoformat(),
        "reason": "read off the meter", **body,
    }  # fmt: skip
    response = api.client.post("/api/energy/corrections", json=given)
    assert response.status_code == 201, response.text


def test_the_ledger(store: Store, api: ControlApi) -> None:
    """By quarter hour; 444 kWh of each day wait for a decision, and are in no other number."""
    for day in DAYS:
        for name, used in by_hand(day).items():
            kept = store.ledger.day(name, day.date)
            assert kept is not None
            assert [each.kwh for each in kept.quarters()] == [pytest.approx(kwh, abs=WH) for kwh in used]


def energy(api: ControlApi, day: Day, kind: str = "", **query: str) -> Any:
    query = {"from": day.date.isoformat(), "to": day.date.isoformat(), **query}
    response = api.client.get(f"/api/energy{kind}", query_string=query)
    assert response.status_code == 200, response.text
    return response


def assert_is_the_day(day: Day, kwh: float, cost: float) -> None:
    assert kwh == pytest.approx(kwh_by_hand(day), abs=WH)
    assert cost == pytest.approx(cost_by_hand(day), abs=CENT)


@pytest.mark.parametrize("by", ["plant", "line", "type", "machine"])
@pytest.mark.parametrize("resolution", ["15min", "hour", "day", "month", "year"])
@pytest.mark.parametrize("day", DAYS, ids=NAMES.get)
def test_the_api(api: ControlApi, day: Day, resolution: str, by: str) -> None:
    """However it is cut into pieces; a month and a year that are asked for a day have that day."""
    rows = energy(api, day, by=by, resolution=resolution).get_json()["rows"]
    assert_is_the_day(day, sum(row["kwh"] for row in rows), sum(row["cost"] for row in rows))
    assert sum(row["suspect_kwh"] for row in rows) == pytest.approx(UNDECIDED, abs=0.5)


@pytest.mark.parametrize("resolution", ["month", "year"])
def test_whole_months_and_years_of_the_api(api: ControlApi, resolution: str) -> None:
    """As the ledger keeps their sums, with what people decided."""
    first, last = DAYS[0].date.replace(month=1, day=1), DAYS[-1].date.replace(month=12, day=31)
    query = {"from": first.isoformat(), "to": last.isoformat(), "resolution": resolution}
    rows = api.client.get("/api/energy", query_string=query).get_json()["rows"]
    assert sum(row["kwh"] for row in rows) == pytest.approx(sum(map(kwh_by_hand, DAYS)), abs=WH)
    assert sum(row["cost"] for row in rows) == pytest.approx(sum(map(cost_by_hand, DAYS)), abs=CENT)


@pytest.mark.parametrize("separator", ["comma", "semicolon"])
@pytest.mark.parametrize("day", DAYS, ids=NAMES.get)
def test_the_export_as_csv(api: ControlApi, day: Day, separator: str) -> None:
    text = (
        energy(api, day, ".csv", by="machine", resolution="15min", separator=separator).get_data().decode("utf-8-sig")
    )
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if separator == "semicolon" else ","))
    whole = {name: sum(float(row[name].replace(",", ".")) for row in rows) for name in ("kwh", "cost")}
    assert_is_the_day(day, **whole)


@pytest.mark.parametrize("day", DAYS, ids=NAMES.get)
def test_the_export_as_xlsx(api: ControlApi, day: Day) -> None:
    book = openpyxl.load_workbook(io.BytesIO(energy(api, day, ".xlsx", resolution="15min").get_data()), read_only=True)
    head, *rows = book.worksheets[0].values
    whole = {name: sum(row[head.index(name)] for row in rows) for name in ("kwh", "cost")}
    assert_is_the_day(day, **whole)
    assert len(rows) == day.quarters


def in_month(month: Month) -> list[Day]:
    return [day for day in DAYS if Month.of(day.date) == month]


MONTHS: Final = tuple(sorted({Month.of(day.date) for day in DAYS}))


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_the_bill(api: ControlApi, month: Month) -> None:
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
def test_the_monthly_report(store: Store, api: ControlApi, plant: Plant, clock: ManualClock, month: Month) -> None:
    """Its days, lines and machines, its bill, and every sheet of its workbook."""
    report = Reports(store, plant, clock).of(month)
    kwh, cost = sum(map(kwh_by_hand, in_month(month))), sum(map(cost_by_hand, in_month(month)))
    for parts in (report.days, report.lines, report.machines):
        whole = total(part.sums for part in parts)
        assert whole.kwh == pytest.approx(kwh, abs=WH)
        assert whole.cost == pytest.approx(cost, abs=CENT)
    for day in in_month(month):
        (told,) = (each for each in report.days if each.date == day.date)
        assert_is_the_day(day, told.sums.kwh or 0.0, told.sums.cost)
    assert report.bill == Bills(store, plant, clock).of(month)
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(report)), data_only=True)
    for name, kwh_at, cost_at in (("Lines", 1, 2), ("Machines", 1, 2), ("Days", 1, 2), ("Quarter hours", 2, 4)):
        rows = [row for row in list(book[name].values)[1:] if row[0] not in {None, "Total"}]
        assert sum(row[kwh_at] for row in rows) == pytest.approx(kwh, abs=WH), name
        assert sum(row[cost_at] for row in rows) == pytest.approx(cost, abs=CENT), name
    summary = {row[0]: row[1] for row in book["Summary"].values}
    assert summary["Energy, kWh"] == pytest.approx(kwh, abs=WH)
    assert summary["Cost, EUR"] == report.bill.invoice.total


Ask = Callable[[str, datetime], Mapping[str, float]]


@pytest.fixture(scope="module")
def ask(store: Store, api: ControlApi, plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks PromQL at an instant that is now for whoever answers; gives values by line."""
    site = site_in(tmp_path_factory.mktemp("prometheus"))
    now = ManualClock(DAYS[-1].start)
    app = ledger_app(LedgerSeries(store, plant, now))
    with make_server(HOST, site.ports.exporters, app, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with prometheus_running(site, ()):

            def ask(query: str, at: datetime) -> Mapping[str, float]:
                now.advance((at - now.now()).total_seconds())
                url = site.url(site.ports.prometheus, "/api/v1/query")
                said = httpx.get(url, params={"query": query, "time": at.timestamp()}, timeout=30).json()
                assert said.get("warnings") is None, said
                return {each["metric"].get("line", ""): float(each["value"][1]) for each in said["data"]["result"]}

            eventually(lambda: ask("vector(1)", DAYS[-1].start))
            yield ask
        server.shutdown()


def panel(expression: str, range_seconds: float = 0.0) -> str:
    """As Grafana sends it, for all lines."""
    return expression.replace("$__range", f"{round(range_seconds)}s").replace(f",{LINES}", "")


def used_of(days: Sequence[Day]) -> tuple[float, float]:
    """Kilowatt hours and their cost, by hand."""
    return sum(map(kwh_by_hand, days)), sum(map(cost_by_hand, days))


def used_between(first: date, last: date) -> tuple[float, float]:
    """By hand, of the days from `first` to `last`, both included."""
    return used_of([day for day in DAYS if first <= day.date <= last])


@pytest.mark.parametrize("day", DAYS, ids=NAMES.get)
def test_grafana_by_day_and_month(ask: Ask, day: Day) -> None:
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
def test_grafana_today_yesterday_and_this_month(ask: Ask, day: Day, hours: float) -> None:
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
def test_grafana_a_day_and_some_days_later(ask: Ask, day: Day, hours: float) -> None:
    """Yesterday is the whole day before, and the last seven days have it once."""
    for days in (1, 7, 8):
        local = day.date + timedelta(days=days)
        now = utc(midnight(local, PLANT_ZONE)) + timedelta(hours=hours)
        yesterday = sum(ask(panel(energy_terms.of_yesterday("kwh")), now).values())
        assert yesterday == pytest.approx(used_between(local - ONE_DAY, local - ONE_DAY)[0], abs=WH), days
        week = sum(ask(panel(energy_terms.of_last_days("kwh")), now).values())
        assert week == pytest.approx(used_between(local - timedelta(days=7), local - ONE_DAY)[0], abs=WH), days
