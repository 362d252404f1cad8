from energytrack.languages.words import words_of
from energytrack.report.chapters.meters import per_hour, section
from energytrack.report.document import Section
from testkit.builders.reports import a_meter_use, a_report


def the_section(*meters: object) -> Section:
    found = section(a_report(meters=meters), words_of("en"))
    assert found is not None
    return found


def test_a_meter_has_its_rest_and_its_base_load() -> None:
    table = the_section(a_meter_use()).table
    assert table is not None
    cells = [str(cell).replace("\u00a0", " ") for cell in table.rows[0]]
    assert cells == ["main", "electricity", "5,000 kWh", "99.0%", "800 kWh", "97.0%", "2.4 kW", ""]


def test_other_media_have_their_units_and_what_is_not_known_is_no_zero() -> None:
    table = the_section(a_meter_use(medium="gas", unit="m³", rest=None, base_load=None, emissions_kg=202.0)).table
    assert table is not None
    cells = [str(cell).replace("\u00a0", " ") for cell in table.rows[0]]
    assert cells == ["main", "gas", "5,000 m³", "99.0%", "", "", "not known", "202.0"]
    assert (per_hour("kWh"), per_hour("m³")) == ("kW", "m³/h")


def test_what_is_wrong_with_a_meter_is_said() -> None:
    notes = " ".join(the_section(a_meter_use(is_exceeded=True, suspect=40.0)).notes).replace("\u00a0", " ")
    assert "Those below main count more than it does" in notes
    assert "main: 40.0 kWh are suspect and count nowhere." in notes


def test_a_plant_without_meters_has_no_such_section() -> None:
    assert section(a_report(meters=()), words_of("en")) is None
