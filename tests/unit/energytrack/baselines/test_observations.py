"""What a baseline is fitted to, and what is left out."""

from datetime import timedelta

from energytrack.baselines.observations import Exclusion, table_of
from testkit import dates
from testkit.builders.baselines import a_day_energy

DAYS = [dates.MONDAY + timedelta(days=n) for n in range(5)]


def test_a_day_counts_if_everything_of_it_is_known() -> None:
    """The others are counted by the reason why they do not."""
    energy = {day: a_day_energy() for day in DAYS[:4]} | {DAYS[1]: a_day_energy(known_ratio=0.5)}
    parts = {DAYS[0]: 10.0, DAYS[1]: 11.0, DAYS[3]: 13.0}
    strike = Exclusion(DAYS[3], DAYS[3], "strike")
    table = table_of(energy, {"parts": parts}, DAYS[0], DAYS[4], exclusions=[strike])
    assert [(row.day, row.values) for row in table.rows] == [(DAYS[0], (10.0,))]
    assert table.skipped == {"energy not known": 2, "variable not known": 1, "excluded": 1}


def test_a_table_with_fewer_variables_keeps_its_days() -> None:
    series = {name: dict.fromkeys(DAYS, value) for name, value in (("a", 1.0), ("b", 2.0))}
    table = table_of(dict.fromkeys(DAYS, a_day_energy()), series, DAYS[0], DAYS[-1])
    assert [row.values for row in table.only(["b"]).rows] == [(2.0,)] * 5
    assert [row.values for row in table.only([]).rows] == [()] * 5
