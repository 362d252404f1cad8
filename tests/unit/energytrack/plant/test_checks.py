"""What a plant file says when it contradicts itself."""

from pathlib import Path

import pytest

from energytrack.errors import InvalidPlant
from energytrack.plant import load_plant
from testkit.builders.plants import a_plant_file


def test_every_contradiction_is_named_at_once(tmp_path: Path) -> None:
    """Who edits the file by hand learns of all mistakes in one go."""
    path = a_plant_file(
        tmp_path,
        ('time_zone = "Europe/Berlin"', 'time_zone = "Europe/Lummerland"'),
        ('shifts = ["early", "late"]', 'shifts = ["early", "later"]'),
        ("machines = { cnc_machine = 40", "machines = { cnc_machin = 40"),
        ("idle_amperes = 5.5", "idle_amperes = 50.5"),
        ("job_load = [0.35, 0.95]", "job_load = [0.95, 0.35]"),
        ('prefix = "arm"', 'prefix = "cnc"'),
        ("minimum_bar = 4.3", "minimum_bar = 5.3"),
        ("breaks = [[09:00:00, 09:15:00]", "breaks = [[09:00:00, 09:00:00]"),
    )
    with pytest.raises(InvalidPlant) as invalid:
        load_plant(path)
    text = str(invalid.value)
    for part in (
        "Lummerland", "'later'", "'cnc_machin'", "standby_amperes < idle_amperes",
        "job_load: expected [minimum, maximum]",
        "'cnc' occurs twice", "minimum_bar < nominal_bar", "has no length",
    ):  # fmt: skip
        assert part in text
    assert str(path) in text


def test_the_last_band_holds_at_all_other_times(tmp_path: Path) -> None:
    """A tariff without such a band would have hours without a price."""
    path = a_plant_file(tmp_path, ('name = "standard"\nprice_per_kwh = 0.24', ""), ("[[tariff.bands]]\n\n", ""))
    with pytest.raises(InvalidPlant, match="the last band applies at all other times"):
        load_plant(path)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('device_type = "lathe"\nline = "machining-a"', "devices.x-1: there is no type 'lathe'"),
        ('device_type = "cnc_machine"\nline = "hall-9"', "devices.x-1: there is no line 'hall-9'"),
        (
            'device_type = "cnc_machine"\nline = "machining-a"\nclock_zone = "Mars/Base"',
            "devices.x-1.clock_zone: 'Mars/Base' is not an IANA time zone",
        ),
    ],
)
def test_a_listed_machine_is_of_a_type_on_a_line_in_a_zone_that_there_are(
    tmp_path: Path, line: str, problem: str
) -> None:
    path = a_plant_file(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + f'\n[[devices]]\ndevice_id = "x-1"\n{line}\n', encoding="utf-8")
    with pytest.raises(InvalidPlant) as invalid:
        load_plant(path)
    assert problem in str(invalid.value)


def test_production_names_types_that_there_are_and_each_reason_once(tmp_path: Path) -> None:
    reason = '[[production.reasons]]\ncode = "tool"\ntext = "Tool"\n'
    path = a_plant_file(
        tmp_path,
        ("cnc_machine = { cycle_seconds = 95.0 }", "cnc_machin = { cycle_seconds = 95.0 }"),
        ("# --- Meters and clocks", f"{reason}{reason}# --- Meters and clocks"),
    )
    with pytest.raises(InvalidPlant) as invalid:
        load_plant(path)
    assert "production.types: there is no type 'cnc_machin'" in str(invalid.value)
    assert "production.reasons: 'tool' occurs twice" in str(invalid.value)
    assert "production.reasons: text: 'tool' occurs twice" in str(invalid.value)
    assert [each.code for each in load_plant(a_plant_file(tmp_path)).production.reasons][:2] == ["material", "setup"]


def test_a_reason_that_machines_tell_themselves_has_their_code(tmp_path: Path) -> None:
    reason = '[[production.reasons]]\ncode = "fault"\ntext = "breakdown"\n\n'
    path = a_plant_file(tmp_path, ("# --- Meters and clocks", f"{reason}# --- Meters and clocks"))
    with pytest.raises(InvalidPlant, match=r"'breakdown': expected the code 'breakdown', .* got 'fault'"):
        load_plant(path)


def test_reasons_of_the_plant_replace_the_usual_ones(tmp_path: Path) -> None:
    """What machines tell themselves keeps its reason."""
    reason = '[[production.reasons]]\ncode = "tea"\ntext = "Tea"\nplanned = true\n\n'
    rules = load_plant(
        a_plant_file(tmp_path, ("# --- Meters and clocks", f"{reason}# --- Meters and clocks"))
    ).production
    assert [(each.code, each.planned) for each in rules.reasons] == [("tea", True)]
    breakdown = rules.reason("breakdown")
    assert breakdown is not None
    assert (breakdown.text, rules.reason("tool")) == ("Breakdown", None)
    assert (rules.stop_seconds("press"), rules.kind("press").cycle_seconds) == (120.0, 9.0)
    assert rules.kind(None).cycle_seconds is None


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("press = {", "costs.stop.types: there is no type 'presse'"),
        ("failure = 2_400.0", "Expected `float` >= 0.0 - at `$.costs.stop.types[...].failure`"),
        ("planned_hours = 1.5 ", "Expected `float` > 0.0 - at `$.costs.stop.planned_hours`"),
        ("planned = 90.0 ", "Object contains unknown field `planed`"),
        ("[costs.stop.types]", "costs.stop.devices: there is no device 'lathe-0001'"),
        ("[costs.stop.types]\n", "costs.stop.devices.drill-0001.maintenance: expected days"),
    ],
)
def test_costs_of_stopping_are_of_what_there_is_and_make_sense(tmp_path: Path, written: str, problem: str) -> None:
    wrong = {
        "press = {": "presse = {",
        "failure = 2_400.0": "failure = -1.0",
        "planned_hours = 1.5 ": "planned_hours = 0.0 ",
        "planned = 90.0 ": "planed = 90.0 ",
        "[costs.stop.types]": "[costs.stop.devices]\nlathe-0001 = { part = 3.0 }\n\n[costs.stop.types]",
        "[costs.stop.types]\n": "[costs.stop.devices]\ndrill-0001 = { maintenance = [{ days = [], start = 06:00:00, "
        "end = 08:00:00 }] }\n\n[costs.stop.types]\n",
    }
    with pytest.raises(InvalidPlant) as invalid:
        load_plant(a_plant_file(tmp_path, (written, wrong[written])))
    assert problem in str(invalid.value)
