"""Profiles of meters as data."""

from pathlib import Path

import pytest

from gateway.errors import InvalidFile, UnknownProfile
from gateway.profile import changed, load, names


@pytest.mark.parametrize("name", names())
def test_every_profile_reads_what_a_bill_and_a_check_need(name: str) -> None:
    profile = load(name)
    needed = {f"{what}_l{phase}" for what in ("voltage", "current", "power") for phase in (1, 2, 3)}
    assert needed | {"power", "energy_kwh", "frequency"} <= set(profile.values)
    assert profile.source


def test_there_are_the_meters_that_plants_have() -> None:
    assert names() == ("eastron-sdm630", "janitza-umg", "schneider-iem3155", "siemens-pac2200")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownProfile, match="eastron-sdm630, janitza-umg"):
        load("abb")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = 1", "Expected `str`"),
        ('name = "x"\nsource = "y"\nregister = "coil"\nvalues = {}', "Invalid enum value 'coil'"),
        ('name = "x"\nsource = "y"\nregister = "input"\n[values]\npower = { address = 1 }', "current_l1, energy_kwh"),
        ("name = ", "Invalid value"),
    ],
)
def test_a_file_of_ones_own_is_checked(text: str, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text)
    with pytest.raises(InvalidFile, match=problem):
        load(str(file))


def test_values_are_multiplied_by_further_factors() -> None:
    profile = changed(load("schneider-iem3155"), "CDAB", {"power": 0.001, "energy_kwh": 10.0})
    assert (profile.byte_order, profile.values["power"].scale, profile.values["energy_kwh"].scale) == (
        "CDAB",
        1.0,
        0.01,
    )
