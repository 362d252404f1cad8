"""A contract with versions, and a calendar with what stands in files beside the plant file."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from energytrack.errors import InvalidPlant
from energytrack.plant import load_plant
from testkit.dates import DAY, at_plant, last_sunday

ROOT = Path(__file__).parents[4]
YEAR = DAY.year
SUNDAY = last_sunday(7)
"""On which nobody works but those who are asked to."""
VERSIONS = f"""
[tariff]
currency = "EUR"

[[tariff.versions]]
name = "{YEAR - 1}"
bands = [{{ name = "all day", price_per_kwh = 0.30 }}]

[[tariff.versions]]
valid_from = {YEAR}-01-01
standing_charge_per_month = 120.0
demand = {{ price_per_kw = 11.5, period = "month", floor_kw = 200 }}
levies = [{{ name = "Electricity tax", per_kwh = 0.0205 }}, {{ name = "VAT", percent = 19 }}]
market_prices = "spot.csv"
bands = [{{ name = "margin", price_per_kwh = 0.02 }}]

[[tariff.offers]]
name = "Green power"
bands = [{{ name = "green", price_per_kwh = 0.26 }}]

[calendar]
holidays = {{ country = "DE", subdivision = "BY" }}
shutdowns = [{{ name = "Revision", first = {YEAR}-08-03, last = {YEAR}-08-14 }}]
extra_shifts = [{{ date = {SUNDAY}, shift = "early", lines = ["drilling"] }}]
ical = "plant.ics"
"""
ICAL = "\r\n".join(
    ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//plant//EN", "BEGIN:VEVENT", "UID:1", f"DTSTAMP:{YEAR}0101T000000Z",
     f"DTSTART;VALUE=DATE:{YEAR}0502", f"DTEND;VALUE=DATE:{YEAR}0504", "SUMMARY:Stocktaking", "END:VEVENT",
     "END:VCALENDAR"]
)  # fmt: skip


def with_contract(tmp_path: Path, text: str = VERSIONS) -> Path:
    """The example plant with another tariff and a calendar, and the files that they name beside it."""
    example = (ROOT / "plant.toml").read_text(encoding="utf-8")
    start, end = example.index("[calendar]"), example.index("# --- When people work")
    path = tmp_path / "plant.toml"
    path.write_text(example[:start] + example[end:] + text)
    (tmp_path / "spot.csv").write_text(
        f"timestamp,price_per_kwh\n{YEAR}-05-01T00:00Z,-0.01\n{YEAR}-05-01T01:00Z,0.08\n"
    )
    (tmp_path / "plant.ics").write_text(ICAL)
    return path


def test_a_contract_with_versions_and_a_calendar_is_read(tmp_path: Path) -> None:
    plant = load_plant(with_contract(tmp_path))
    prices = [plant.price(datetime(YEAR, 5, 1, hour, 30, tzinfo=UTC)) for hour in (0, 1, 2)]
    assert [price and price.per_kwh for price in prices] == [pytest.approx(0.01), pytest.approx(0.10), None]
    old = plant.price(datetime(YEAR - 1, 5, 1, tzinfo=UTC))
    assert old is not None
    assert (old.per_kwh, old.version.title) == (0.30, f"{YEAR - 1}")
    days = [date(YEAR, 12, 25), date(YEAR, 8, 10), date(YEAR, 5, 3), date(YEAR, 5, 4)]
    names = [plant.calendar.name(day) for day in days]
    assert names[0] is not None  # in whichever language the machine has
    assert names[1:] == ["Revision", "Stocktaking", None]
    assert plant.in_shift("drilling", at_plant(SUNDAY, "10:00"))
    assert not plant.in_shift("press-shop", at_plant(SUNDAY, "10:00"))


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('country = "DE"', 'country = "XX"', "XX not available"),
        ('subdivision = "BY"', 'subdivision = "ZZ"', "does not have subdivision ZZ"),
        ('ical = "plant.ics"', 'ical = "nowhere.ics"', "nowhere.ics cannot be read"),
        ('market_prices = "spot.csv"', 'market_prices = "plant.ics"', "expected the columns timestamp,price_per_kwh"),
        (f"last = {YEAR}-08-14", f"last = {YEAR}-08-01", f"it ends on {YEAR}-08-01, before it begins"),
        ('shift = "early"', 'shift = "dawn"', "there is no shift 'dawn'"),
        ('lines = ["drilling"]', 'lines = ["mining"]', "there is no line 'mining'"),
        ("percent = 19", "percent = 19, per_kwh = 1", "exactly one of per_kwh, per_month and percent"),
        (f"valid_from = {YEAR}-01-01\n", "", "occurs twice"),
        ('name = "Green power"\n', "", "tariff.offers: expected a name for each"),
        (
            '"green", price_per_kwh = 0.26',
            '"green", price_per_kwh = 0.26, season = "x"',
            "tariff.offers.Green power.bands",
        ),
    ],
)
def test_what_is_wrong_with_a_contract_or_a_calendar_is_named(tmp_path: Path, old: str, new: str, part: str) -> None:
    assert old in VERSIONS
    with pytest.raises(InvalidPlant, match=re.escape(part)):
        load_plant(with_contract(tmp_path, VERSIONS.replace(old, new)))


@pytest.mark.parametrize(
    ("row", "part"),
    [
        (f"{YEAR}-05-01T00:00,0.1", "has no zone"),
        ("1 May,0.1", "expected a time in ISO 8601, got '1 May'"),
        (f"{YEAR}-05-01T00:00Z,cheap", "expected a number for price_per_kwh, got 'cheap'"),
        (f"{YEAR}-05-01T00:00Z,", "expected a price_per_kwh, got nothing"),
        (f"{YEAR}-05-01T01:00+01:00,0.1\n{YEAR}-05-01T00:00Z,0.1", "occurs twice"),
    ],
)
def test_what_is_wrong_with_market_prices_is_named_by_line(tmp_path: Path, row: str, part: str) -> None:
    path = with_contract(tmp_path)
    (tmp_path / "spot.csv").write_text(f"timestamp,price_per_kwh\n{row}\n")
    with pytest.raises(InvalidPlant, match=re.escape(part)):
        load_plant(path)
