"""Names of machines as a file has them, and what they become."""

import pytest

from energytrack.importer.cells.columns import machines_of
from energytrack.importer.choices import Choices, NotProved
from energytrack.importer.reader import read_bytes
from testkit.builders.import_files import lines, starts
from testkit.dates import DAY


def test_names_become_ids_and_a_person_may_choose_others() -> None:
    chosen = Choices(devices={"Säge 2": "saw-0002"})
    assert machines_of(["Presse 1", "Presse  1", "Säge 2"], chosen, "m.csv") == ["Presse-1", "Presse-1", "saw-0002"]
    both = Choices(devices={"a": "press-0001", "b": "press-0001"})
    assert machines_of(["a", "b"], both, "m.csv") == ["press-0001", "press-0001"], "as it is said"


@pytest.mark.parametrize("names", [("机床1", "车床1"), ("Zähler/1", "Zähler 1"), ("x" * 64 + "1", "x" * 64 + "2")])
def test_two_names_that_would_become_one_machine_are_asked_for(names: tuple[str, str]) -> None:
    """Their values would be mixed, and nobody would notice."""
    with pytest.raises(NotProved, match=r"would both be the machine .*: say which is which. Use: --machine"):
        machines_of(names, Choices(), "m.csv")
    rows = [f"{at:%Y-%m-%dT%H:%MZ};{name};1" for at in starts(DAY, 1) for name in names]
    choices = Choices(values="interval", labels="begin")
    with pytest.raises(NotProved, match="would both be"):
        read_bytes(lines("time;meter;kWh", *rows).encode(), "m.csv", choices, plant_zone="UTC")
    events = [f"{DAY}T10:00Z;{name};Ausfall" for name in names]
    with pytest.raises(NotProved, match="would both be"):
        read_bytes(lines("time;machine;kind", *events).encode(), "e.csv", choices, plant_zone="UTC")
