"""Prices and emission factors as exchanges and utilities export them, as the file that the contract reads."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from energytrack.contract.files import market_prices_of
from energytrack.contract.tariff import MarketPrice
from energytrack.importer.__main__ import ImportDeclined, main
from energytrack.importer.cells.units import unit_of
from energytrack.importer.choices import Choices, NotProved, UnreadableFile
from energytrack.importer.content import Content
from energytrack.importer.destinations.prices import (
    PriceFile,
    UnusablePrices,
    known_prices,
    price_file,
    write_prices,
)
from energytrack.importer.reader import read_bytes
from energytrack.importer.values.rates import rate_of
from testkit.builders.import_files import QUARTER, comma, lines, price_stretches, starts
from testkit.dates import CLOCKS_BACK, CLOCKS_FORWARD, MONDAY, PLANT_ZONE

HOUR = timedelta(hours=1)
SLASHES = "%d/%m/%Y %H:%M"
ROOT = Path(__file__).parents[5]


def read(text: str, **choices: str) -> Content:
    return read_bytes(text.encode(), "spot.csv", Choices(**choices), plant_zone=PLANT_ZONE.key)  # type: ignore[arg-type]


def made(text: str, before: Iterable[MarketPrice] = (), **choices: str) -> PriceFile:
    given = Choices(**choices)  # type: ignore[arg-type]
    return price_file(read(text, **choices), given, {each.start: each for each in before}, currency="EUR")


def findings_of(file: PriceFile, what: str) -> list[tuple[str | None, str]]:
    return [(each.value, each.why) for each in file.findings if each.what == what]


@pytest.mark.parametrize(
    ("day", "hours", "written"),
    [(CLOCKS_FORWARD, 23, SLASHES), (MONDAY, 24, "%d.%m.%Y %H:%M"), (CLOCKS_BACK, 25, SLASHES)],
)
def test_a_day_ahead_export_has_every_hour_once_whatever_the_clocks_do(day: date, hours: int, written: str) -> None:
    """Local time with both ends of the hour in one cell, euros per MWh, a negative price, a price that is lost."""
    moments = starts(day, 1, step=HOUR)
    assert len(moments) == hours
    prices = [-12.5, *(80.0 + i for i in range(hours - 2))]
    file = made(price_stretches(moments, [*prices, None], written=written), zone=PLANT_ZONE.key)
    assert [each.start for each in file.prices] == moments[:-1]
    assert [each.price_per_kwh for each in file.prices] == [round(each / 1000, 7) for each in prices]


def test_quarter_hours_with_from_and_until_and_a_decimal_comma() -> None:
    rows = []
    for i, at in enumerate(starts(CLOCKS_BACK, 1)):
        begin, end = (f"{each.astimezone(PLANT_ZONE):%d.%m.%Y %H:%M}" for each in (at, at + QUARTER))
        rows.append(f"{begin};{end};{comma(90.5 + i, 2)};{comma(50.5, 2)}")
    text = lines("Datum von;Datum bis;Deutschland/Luxemburg [€/MWh];Dänemark 1 [€/MWh]", *rows)
    with pytest.raises(NotProved, match=r"several columns are possible.*--price"):
        made(text)
    file = made(text, price="Deutschland/Luxemburg [€/MWh]")
    assert [each.start for each in file.prices] == starts(CLOCKS_BACK, 1)
    assert (file.prices[0].price_per_kwh, file.new) == (0.0905, 100)


def test_times_whose_heading_says_utc_need_no_zone_and_cents_are_cents() -> None:
    """Labels at the end belong to the hour before."""
    rows = [f"{at + HOUR:%Y-%m-%d %H:%M},{7.5 + i / 4}" for i, at in enumerate(starts(MONDAY, 1, step=HOUR))]
    file = made(lines("Datetime (UTC),Arbeitspreis [ct/kWh]", *rows), labels="end")
    assert file.prices[0] == MarketPrice(starts(MONDAY, 1)[0], 0.075)


def test_what_is_not_proved_is_asked() -> None:
    """A price without its unit; times without a zone; an interval's end."""
    moments = starts(MONDAY, 1, step=HOUR)
    bare = lines("HourUTC;SpotPriceEUR", *(f"{at:%Y-%m-%dT%H:%M};{70.5 + i}" for i, at in enumerate(moments)))
    with pytest.raises(UnreadableFile, match="--price NAME"):
        made(bare)
    with pytest.raises(NotProved, match="--price-unit"):
        made(bare, price="SpotPriceEUR")
    assert made(bare, price="SpotPriceEUR", price_unit="per MWh", labels="begin").prices[0].price_per_kwh == 0.0705
    with pytest.raises(NotProved, match="--zone"):
        made(price_stretches(moments, range(24)))
    with pytest.raises(NotProved, match="--labels"):
        made("\n".join(bare.splitlines()[:-2]), price="SpotPriceEUR", price_unit="per MWh")


def test_another_currency_is_not_converted() -> None:
    rows = [f"{at:%Y-%m-%dT%H:%M}Z;{i + 0.5}" for i, at in enumerate(starts(MONDAY, 1, step=HOUR))]
    with pytest.raises(UnusablePrices, match="in USD, the contract in EUR"):
        made(lines("from;LMP [$/MWh]", *rows), labels="begin")


def test_hours_without_a_price_are_named() -> None:
    moments = [at for i, at in enumerate(starts(MONDAY, 1, step=HOUR)) if i not in {5, 6}]
    file = made(price_stretches(moments, [50.5] * 22), zone=PLANT_ZONE.key)
    ((count, why),) = findings_of(file, "gaps")
    assert count == "2"
    assert f"{moments[4] + HOUR:%Y-%m-%d %H:%M} UTC" in why


def test_emission_factors_are_added_to_prices_and_keep_them() -> None:
    """Hourly grams beside quarter-hourly prices; each price gets the factor of its hour, others stay as they are."""
    before = [MarketPrice(at, 0.08 + i / 1000) for i, at in enumerate(starts(MONDAY, 2))]
    rows = [f"{at:%Y-%m-%d %H:%M},{400 + i}" for i, at in enumerate(starts(MONDAY, 1, step=HOUR))]
    text = lines("Datetime (UTC),Carbon intensity gCO₂eq/kWh (direct)", *rows)
    with pytest.raises(UnusablePrices, match="prices first"):
        made(text, labels="begin")
    file = made(text, before, labels="begin")
    assert (file.new, file.changed) == (0, 96)
    assert [each.location_kg_per_kwh for each in file.prices[3:5]] == [0.4, 0.401]
    assert [each.price_per_kwh for each in file.prices] == [each.price_per_kwh for each in before]
    assert file.prices[96].location_kg_per_kwh is None
    again = made(price_stretches(starts(MONDAY, 1), [99.5] * 96, step=QUARTER), file.prices, zone=PLANT_ZONE.key)
    assert again.prices[4] == MarketPrice(starts(MONDAY, 1)[4], 0.0995, 0.401), (
        "a price that is replaced keeps its factor"
    )


def test_two_emission_factors_are_asked_about_and_another_unit_is_found_out() -> None:
    rows = [f"{at:%Y-%m-%d %H:%M},{400 + i},{450 + i}" for i, at in enumerate(starts(MONDAY, 1, step=HOUR))]
    before = [MarketPrice(at, 0.08) for at in starts(MONDAY, 1)]
    two = lines("Datetime (UTC),gCO₂eq/kWh (direct),gCO₂eq/kWh (life cycle)", *rows)
    with pytest.raises(NotProved, match="--emissions"):
        made(two, before, labels="begin")
    with pytest.raises(UnusablePrices, match="another unit"):
        made(lines("Datetime (UTC),kg CO2/kWh,x", *rows), before, labels="begin")
    residual = made(lines("Datetime (UTC),Residual mix gCO2/kWh,x", *rows), before, labels="begin")
    assert (residual.prices[0].market_kg_per_kwh, residual.prices[0].location_kg_per_kwh) == (0.4, None)


def test_what_is_written_is_what_the_contract_reads(tmp_path: Path) -> None:
    """All or nothing; the next month is added; the same file again changes nothing; and it proves itself."""
    path = tmp_path / "spot.csv"
    first = made(price_stretches(starts(MONDAY, 1, step=HOUR), range(24)), zone=PLANT_ZONE.key)
    write_prices(path, first)
    assert tuple(market_prices_of(path)) == first.prices
    following = price_stretches(starts(MONDAY + timedelta(days=1), 1, step=HOUR), range(24))
    second = made(following, known_prices(path).values(), zone=PLANT_ZONE.key)
    write_prices(path, second)
    assert len(tuple(market_prices_of(path))) == 48
    again = made(following, known_prices(path).values(), zone=PLANT_ZONE.key)
    assert (again.new, again.changed) == (0, 0)
    proved = made(path.read_text(), labels="begin")
    assert proved.prices == second.prices
    assert [each.name for each in tmp_path.iterdir()] == ["spot.csv"]


def test_a_file_that_would_be_read_otherwise_is_not_put_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "spot.csv"
    path.write_text("kept")
    at = datetime.fromtimestamp(starts(MONDAY, 1)[0].timestamp(), UTC)
    with pytest.raises(UnusablePrices):
        write_prices(path, PriceFile((MarketPrice(at + timedelta(seconds=1), 0.1),), 1, 0, ()))
    assert path.read_text() == "kept"
    assert [each.name for each in tmp_path.iterdir()] == ["spot.csv"]


def test_the_command_shows_asks_writes_and_says_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env = {"PLANT_FILE": str(ROOT / "plant.toml")}
    file, out = tmp_path / "day-ahead.csv", tmp_path / "spot-next.csv"
    file.write_text(price_stretches(starts(MONDAY, 1, step=HOUR), range(24)))
    command = [str(file), "--prices", str(out), "--zone", PLANT_ZONE.key]
    main(env, [*command, "--show"])
    assert 'market_prices = "spot-next.csv"' in capsys.readouterr().out
    with pytest.raises(ImportDeclined, match="--yes"):
        main(env, command)
    assert not out.exists()
    main(env, [*command, "--yes"])
    assert len(tuple(market_prices_of(out))) == 24
    out.write_text("spoilt")
    with pytest.raises(ImportDeclined, match="left as it is"):
        main(env, [*command, "--yes"])
    assert out.read_text() == "spoilt"


@pytest.mark.parametrize(
    ("heading", "kind", "factor"),
    [
        ("Price [EUR/MWh]", "price", 0.001), ("€/kWh", "price", 1.0), ("Preis in ct/kWh", "price", 0.01),
        ("USD per MWh", "price", 0.001), ("price_per_kwh", "price", 1.0), ("gCO2eq/kWh", "location", 0.001),
        ("kg CO2e/MWh", "location", 0.001), ("t CO2/MWh", "location", 1.0), ("g/kWh", "location", 0.001),
        ("market_kg_per_kwh", "market", 1.0),
    ],
)  # fmt: skip
def test_a_heading_with_a_rate_is_no_energy(heading: str, kind: str, factor: float) -> None:
    found = rate_of(heading)
    assert found is not None
    assert found.kind == kind
    assert found.factor == pytest.approx(factor)
    assert unit_of(heading) is None


@pytest.mark.parametrize("heading", ["Verbrauch [kWh]", "Energie/kWh", "Wert kWh/15min", "Weight kWh", "E / kWh"])
def test_energy_stays_energy(heading: str) -> None:
    assert rate_of(heading) is None
    assert unit_of(heading) == "kwh"
