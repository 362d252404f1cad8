"""Energy counts once, and only what was used of it."""

from datetime import timedelta

import pytest

from energytrack.importer.choices import NotProved
from testkit.builders.import_files import lines, starts
from testkit.dates import PLANT_ZONE
from tests.unit.energytrack.importer.contents import WINTER, found, only, read

PROFILE = [f"{at.astimezone(PLANT_ZONE):%d.%m.%Y %H:%M};0,25" for at in starts(WINTER, 2)]
HEADING = "Zeit;Verbrauch [kWh]"


def test_energy_below_zero_is_fed_back() -> None:
    rows = [f"{row[:16]};{'-0,5' if 40 < i < 60 else '0,25'}" for i, row in enumerate(PROFILE)]
    content = read(lines(HEADING, *rows), zone="Europe/Berlin")
    assert only(content).total == pytest.approx(0.25 * 173)
    assert found(content, "fed back") == "19"
    with pytest.raises(NotProved, match=r"below zero in 192 of 192 rows.*--signal 'Verbrauch \[kWh\]='"):
        read(lines(HEADING, *(f"{row[:16]};-0,25" for row in PROFILE)), zone="Europe/Berlin")


def test_power_beside_energy_counts_once() -> None:
    text = lines("Zeit;Energie [kWh];Leistung [kW]", *(f"{row};1,00" for row in PROFILE))
    content = read(text, "p.csv", zone="Europe/Berlin", values="interval")
    assert only(content).total == pytest.approx(48.0)
    assert list(content.signals["p"].values) == ["leistung"]
    both = read(text, zone="Europe/Berlin", values="interval", devices={"Leistung [kW]": "press-0002"})
    assert both.energy["press-0002"].total == pytest.approx(48.0)


def test_a_register_per_row() -> None:
    """Only what was taken counts, once: tariffs beside their sum, and what is fed back, are left out."""
    rows = []
    for i, at in enumerate(starts(WINTER, 2, step=timedelta(hours=1))):
        total = 1000 + 0.5 * i
        for code, value in (("1.8.0", total), ("1.8.1", total / 4), ("1.8.2", total * 3 / 4), ("2.8.0", 7.0)):
            rows.append(f"M-1,1-0:{code},{at:%Y-%m-%dT%H:%M:%SZ},{value:.2f},kWh")
    content = read(lines("meter,obis,timestamp,value,unit", *rows))
    assert content.energy["M-1"].total == pytest.approx(0.5 * 47)
    assert found(content, "values") == "register"


def test_tariffs_without_their_sum_are_added() -> None:
    rows = []
    for i, at in enumerate(starts(WINTER, 2, step=timedelta(hours=1))):
        for code, value in (("1.8.1", 100 + 0.1 * i), ("1.8.2", 200 + 0.2 * i)):
            rows.append(f"M-1,1-0:{code},{at:%Y-%m-%dT%H:%M:%SZ},{value:.2f},kWh")
    assert read(lines("meter,obis,timestamp,value,unit", *rows)).energy["M-1"].total == pytest.approx(0.3 * 47)


@pytest.mark.parametrize(
    "heading", ["Oddanie energii czynnej [kWh]", "Rückspeisung [kWh]", "Energia immessa (kWh)", "Excedentes kWh"]
)
def test_energy_fed_back_is_ignored_in_other_languages(heading: str) -> None:
    rows = [f"{at:%Y-%m-%dT%H:%MZ};1,25;9,75" for at in starts(WINTER, 1)]
    content = read(lines(f"Zeit;Bezug [kWh];{heading}", *rows), values="interval", labels="begin")
    assert only(content).total == pytest.approx(120.0)
