"""A bill, checked by hand: October has 745 hours where the clocks go back, 249 of them night and 93 peak.

Two machines. One uses 2 kWh in each quarter hour, the other 0.5 and once, on the 15th from 10:00 to 10:15, 40. So 2.5
kWh four times an hour are 10 kWh an hour, and that quarter hour has 39.5 kWh more.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import pytest
from msgspec.structs import replace

from energytrack.bill.invoice import Bill, InvoiceLine, cents
from energytrack.bill.load import Load, Month, load_of
from energytrack.bill.pricing import ContractContext, bill_of
from energytrack.contract.calendar import WEEKDAYS, DayWindow, weekday_of
from energytrack.contract.tariff import (
    Band,
    DemandCharge,
    Levy,
    MarketPrice,
    MarketPrices,
    Season,
    Tariff,
    TariffVersion,
)
from energytrack.ledger.day import Day
from energytrack.ledger.local_days import dates, midnight, quarter_count, utc
from testkit.builders.ledger import a_day
from testkit.dates import CLOCKS_BACK, PLANT_ZONE

OCTOBER: Final = Month.of(CLOCKS_BACK)
THE_15TH: Final = OCTOBER.first.replace(day=15)
TEN_O_CLOCK: Final = 40
"""Its quarter hour, counted from midnight."""
PEAK: Final = Band("peak", 0.31, (DayWindow(WEEKDAYS, time(17), time(20)),))
NIGHT: Final = Band("night", 0.17, (DayWindow(WEEKDAYS, time(22), time(6)),))
STANDARD: Final = Band("standard", 0.24)
CONTRACT: Final = TariffVersion(
    bands=(PEAK, NIGHT, STANDARD),
    name="Municipal utility",
    standing_charge_per_month=120.0,
    demand=DemandCharge(price_per_kw=11.5, floor_kw=150.0),
    levies=(Levy("Electricity tax", per_kwh=0.0205), Levy("Concession", per_month=25.0), Levy("VAT", percent=19.0)),
)
TERMS: Final = ContractContext(PLANT_ZONE, weekday_of, lambda _: None)


def prices(day: date, version: TariffVersion = CONTRACT) -> dict[int, float]:
    """What the ledger keeps of a day: the price of each quarter hour."""
    start = midnight(day, PLANT_ZONE)
    count = quarter_count(day, PLANT_ZONE)
    local = (datetime.fromtimestamp(start + 900 * n, PLANT_ZONE) for n in range(count))
    return dict(enumerate(version.band(moment).price_per_kwh for moment in local))


def machines(version: TariffVersion = CONTRACT, **fields: Any) -> Iterator[Day]:
    """The month of both machines."""
    for day in dates(OCTOBER.first, OCTOBER.last):
        price = prices(day, version)
        yield a_day("cnc-0001", day, price_per_kwh=price, **fields)
        second = dict.fromkeys(price, 0.5)
        if day == THE_15TH:
            second[TEN_O_CLOCK] = 40.0
        yield a_day("cnc-0002", day, price_per_kwh=price, measured_kwh=second, idle_kwh=0.0)


def load(version: TariffVersion = CONTRACT) -> Load:
    return load_of(machines(version), OCTOBER, PLANT_ZONE)


def billed(*versions: TariffVersion, **more: Any) -> Bill:
    tariff = Tariff("EUR", versions=versions or (CONTRACT,), offers=more.pop("offers", ()))
    return bill_of("Example plant", tariff, OCTOBER, more.pop("load", load()), TERMS, **more)


def amounts(bill: Bill) -> dict[str, float | None]:
    return {line.name: line.amount for line in bill.invoice.lines}


def line(bill: Bill, name: str) -> InvoiceLine:
    (found,) = (each for each in bill.invoice.lines if each.name == name)
    return found


def test_a_month_by_hand() -> None:
    """Each figure was worked out on paper; the hour that comes twice is paid twice."""
    bill = billed()
    assert amounts(bill) == {
        "peak": 288.30,  # 93 h x 10 kWh x 0.31
        "night": 423.30,  # 249 h x 10 kWh x 0.17
        "standard": 976.68,  # (403 h x 10 kWh + 39.5 kWh) x 0.24
        "standing charge": 120.00,
        "demand": 1932.00,  # (2 + 40) kWh in a quarter of an hour are 168 kW; x 11.50
        "Electricity tax": 153.53,  # 7,489.5 kWh x 0.0205 = 153.53475
        "Concession": 25.00,
        "VAT": 744.57,  # 19 % of 3,918.81 = 744.5739
    }
    assert bill.invoice.total == 4663.38
    assert line(bill, "standard").quantity == pytest.approx(4069.5)
    assert line(bill, "demand").note == f"peak 168.0 kW on {THE_15TH:%a} 15 Oct, 10:00; 150.0 kW are paid in any case"
    assert bill.sums.kwh == pytest.approx(7489.5)
    assert (bill.machines, bill.invoice.is_complete, bill.known_ratio) == (2, True, 1.0)


def test_a_peak_below_the_floor_is_paid_as_the_floor() -> None:
    contract = replace(CONTRACT, demand=DemandCharge(price_per_kw=11.5, floor_kw=200.0))
    assert amounts(billed(contract))["demand"] == 2300.00


@pytest.mark.parametrize(
    ("paid_kw", "kw"),
    [(120.0, 18.0), (160.0, 8.0), (168.0, 0.0), (500.0, 0.0), (None, 18.0)],
    ids=["floor", "peak before", "the same", "higher before", "nothing known"],
)
def test_demand_by_year_is_paid_as_far_as_it_is_not_yet(paid_kw: float | None, kw: float) -> None:
    """The floor of 150 kW was paid in January; a higher peak pays what it adds."""
    contract = replace(CONTRACT, demand=DemandCharge(price_per_kw=100.0, period="year", floor_kw=150.0))
    assert amounts(billed(contract, paid_kw=paid_kw))["demand"] == pytest.approx(100.0 * kw)


def test_a_new_price_never_changes_the_past() -> None:
    """The plant file says another price today: the bill keeps the one at which the energy was counted."""
    dearer = replace(CONTRACT, bands=(PEAK, NIGHT, replace(STANDARD, price_per_kwh=0.99)))
    assert amounts(billed(dearer))["standard"] == 976.68


def test_a_contract_that_changes_within_the_month() -> None:
    """From the 16th on another one holds: 15 of 31 days of the first, 16 of the second, each with its own peak."""
    second = TariffVersion(
        bands=(Band("all day", 0.20),),
        valid_from=THE_15TH + timedelta(days=1),
        name="Second",
        standing_charge_per_month=62.0,
        demand=DemandCharge(price_per_kw=10.0),
    )
    days = [
        replace(day, price_per_kwh=(0.20,) * len(day)) if day.date >= second.valid_from else day for day in machines()
    ]
    bill = billed(CONTRACT, second, load=load_of(days, OCTOBER, PLANT_ZONE))
    found = amounts(bill)
    assert bill.invoice.contract == "Municipal utility, Second"
    assert found["Municipal utility: peak"] == 139.50  # 15 days x 3 h x 10 kWh x 0.31
    assert found["Municipal utility: standing charge"] == 58.06  # 15/31 of 120
    assert found["Municipal utility: demand"] == 934.84  # 15/31 of 168 kW x 11.50
    assert found["Second: all day"] == 770.00  # (16 x 24 + 1) h x 10 kWh x 0.20
    assert found["Second: standing charge"] == 32.00
    assert found["Second: demand"] == 51.61  # 16/31 of 10 kW x 10


def test_what_the_other_contract_would_have_cost() -> None:
    """Offers, and versions that did not hold in the month, at their own prices; market prices may be negative."""
    hourly = MarketPrices(
        [
            MarketPrice(utc(midnight(OCTOBER.first, PLANT_ZONE) + 3600 * hour), -0.05 if hour % 2 else 0.15)
            for hour in range(745)
        ]
    )
    offer = TariffVersion(bands=(Band("margin", 0.02),), name="Spot", market_prices="spot.csv")
    later = TariffVersion(
        bands=(Band("all day", 0.22),), valid_from=OCTOBER.last + timedelta(days=1), name="From November"
    )
    terms = TERMS._replace(market=lambda version: hourly if version.market_prices else None)
    tariff = Tariff("EUR", versions=(CONTRACT, later), offers=(offer,))
    bill = bill_of("Example plant", tariff, OCTOBER, load(), terms)
    november, spot = bill.others
    assert (november.contract, november.total) == ("From November", 1647.69)  # 7,489.5 kWh x 0.22
    # 373 even hours at 0.17, 372 odd ones at -0.03, 10 kWh each; 39.5 kWh at 10:00 of the 15th, hour 346, at 0.17
    assert (spot.contract, spot.total) == ("Spot", 529.22)
    assert spot.lines[0].note == "mean of its prices"


def test_energy_without_a_price_is_on_the_bill_without_an_amount() -> None:
    """Unknown is not free: the total says that it is not all."""
    days = [replace(day, price_per_kwh=(None,) * len(day)) if day.date == OCTOBER.first else day for day in machines()]
    bill = billed(load=load_of(days, OCTOBER, PLANT_ZONE))
    (unknown,) = (each for each in bill.invoice.lines if each.name == "night" and each.amount is None)
    assert unknown.quantity == pytest.approx(80.0)
    assert not bill.invoice.is_complete


def test_before_the_first_contract_there_is_no_price() -> None:
    contract = replace(CONTRACT, valid_from=OCTOBER.last + timedelta(days=1))
    days = [replace(day, price_per_kwh=(None,) * len(day)) for day in machines()]
    bill = billed(contract, load=load_of(days, OCTOBER, PLANT_ZONE))
    assert amounts(bill) == {"energy": None}
    assert [other.contract for other in bill.others] == ["Municipal utility"]


def test_a_band_of_another_season_is_not_on_the_bill() -> None:
    winter = Band("winter peak", 0.40, PEAK.windows, season="winter")
    contract = replace(CONTRACT, bands=(winter, *CONTRACT.bands), seasons=(Season("winter", "11-01", "03-31"),))
    assert "winter peak" not in amounts(billed(contract))


def test_suspect_energy_is_beside_the_bill_and_not_on_it() -> None:
    days = (replace(day, suspect_kwh=(3.0,) * len(day)) if day.date == THE_15TH else day for day in machines())
    bill = billed(load=load_of(days, OCTOBER, PLANT_ZONE))
    assert bill.invoice.total == 4663.38
    assert bill.sums.suspect_kwh == pytest.approx(576.0)


def test_time_without_a_report_is_not_known() -> None:
    """A machine that was away on 3 of its 31 days, whoever was to blame."""
    away = {THE_15TH + timedelta(days=number) for number in range(3)}
    days = [day for day in machines() if day.device_id == "cnc-0001" and day.date not in away]
    bill = billed(load=load_of(days, OCTOBER, PLANT_ZONE))
    assert bill.known_ratio == pytest.approx((745 - 72) / 745)


def test_the_time_before_a_machine_was_first_heard_is_not_missing() -> None:
    """It was added at noon of the 15th and sent readings until the evening."""
    heard = dict.fromkeys(range(48, 80), 900.0)
    day = a_day("cnc-0001", THE_15TH, measured_seconds=heard, through=midnight(THE_15TH, PLANT_ZONE) + 80 * 900)
    assert billed(load=load_of([day], OCTOBER, PLANT_ZONE)).known_ratio == 1.0


def test_a_month_of_which_nothing_is_known() -> None:
    """Charges are due all the same; no energy stands there as zero, and there is no peak."""
    bill = billed(load=load_of((), OCTOBER, PLANT_ZONE))
    assert (bill.sums.kwh, bill.peak, bill.until) == (None, None, None)
    assert {each.kind for each in bill.invoice.lines} == {"standing_charge", "demand", "levy"}


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-10", "0000-01", "October"])
def test_a_month_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="expected a month as 2026-10"):
        Month.parse(text)


def test_half_a_cent_is_a_cent() -> None:
    assert [cents(each) for each in (0.005, 1.005, 2.675, -0.005)] == [0.01, 1.01, 2.68, -0.01]
