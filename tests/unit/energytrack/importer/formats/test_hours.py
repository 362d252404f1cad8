"""Hours that a column of their own counts, as distributors of several countries write them."""

from datetime import date, timedelta

import pytest

from energytrack.importer.choices import NotProved
from testkit.builders.import_files import lines, midnight, starts
from testkit.dates import PLANT_ZONE
from tests.unit.energytrack.importer.contents import BEFORE_BACK, BEFORE_FORWARD, WINTER, found, only, read

HOUR = timedelta(hours=1)


def counted(first: date, days: int = 3, *, base: int = 1, heading: str = "Hora") -> str:
    """Hours of some days, each with its own value: the number of hours since the first one."""
    rows, n = [], 0
    for day in (first + timedelta(days=d) for d in range(days)):
        for hour, _ in enumerate(starts(day, 1, step=HOUR), base):
            rows.append(f"{day:%d/%m/%Y};{hour};{n},5")
            n += 1
    return lines(f"Fecha;{heading};Consumo (kWh)", *rows)


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize(("first", "hours"), [(WINTER, 72), (BEFORE_BACK, 73), (BEFORE_FORWARD, 71)])
def test_hours_are_counted_from_midnight_whatever_the_clocks_do(first: date, hours: int, base: int) -> None:
    content = read(counted(first, base=base), values="interval", date_order="dmy")
    energy = only(content)
    assert energy.kwh.tolist() == [n + 0.5 for n in range(hours)]
    assert energy.start_ms[0] == round(midnight(first, PLANT_ZONE).timestamp() * 1000)
    assert set(energy.end_ms - energy.start_ms) == {3_600_000}
    assert found(content, "labels") == ("begin" if base == 0 else "end")


def test_a_day_that_has_no_such_hour_is_asked_for() -> None:
    """Its hours are those of the clock on the wall, or of another zone."""
    text = counted(BEFORE_BACK).replace(";25;", ";24;")
    with pytest.raises(NotProved, match=r"'Hora' counts 24 hours on .*, and that day in Europe/Berlin has 25") as asked:
        read(text, values="interval", date_order="dmy")
    assert asked.value.what == "zone"


def test_some_hours_of_a_day_prove_no_base() -> None:
    rows = [f"{WINTER:%d/%m/%Y};{hour};1,5" for hour in range(6, 18)]
    text = lines("Fecha;Hora;Consumo (kWh)", *rows)
    with pytest.raises(NotProved, match="from 0 or from 1"):
        read(text, values="interval", date_order="dmy")
    energy = only(read(text, values="interval", date_order="dmy", labels="end"))
    assert energy.start_ms[0] == round((midnight(WINTER, PLANT_ZONE) + 5 * HOUR).timestamp() * 1000)


def test_times_that_come_again_with_other_values_are_of_different_things() -> None:
    """Whatever tells them apart was not understood: all but the last of each would be lost."""
    text = counted(WINTER, heading="Etiqueta")
    with pytest.raises(NotProved, match="69 of 72 rows have the time of another row and a different value"):
        read(text, values="interval", date_order="dmy", labels="begin", zone="UTC", columns="Consumo*")
