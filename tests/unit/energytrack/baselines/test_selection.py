"""Variables that matter stay, nonsense is rejected."""

import numpy as np
import pytest

from energytrack.baselines.selection import TooFewDays, select
from testkit.builders.baselines import a_plant_of_presses, a_table, noise


def test_two_columns_of_noise_are_rejected() -> None:
    """With their p-values; what the energy depends on stays."""
    table = a_plant_of_presses(90)
    columns = {
        "parts": [row.values[0] for row in table.rows],
        "moon": noise(90, seed=11).tolist(),
        "lottery": noise(90, seed=12).tolist(),
    }
    found, rejected = select(a_table(columns, [row.kwh for row in table.rows]))
    assert found.variables == ("parts",)
    assert {(each.variable, each.why) for each in rejected} == {
        ("moon", "does not matter"), ("lottery", "does not matter"),
    }  # fmt: skip
    assert all(each.p_value is not None and each.p_value > 0.05 for each in rejected)


def test_noise_stays_in_few_of_many_baselines() -> None:
    """However many columns are offered at once."""
    kept = 0
    for seed in range(40):
        columns = {f"noise {n}": noise(60, seed=1000 + 10 * seed + n).tolist() for n in range(6)}
        found, _ = select(a_table(columns, (100 + noise(60, seed=seed)).tolist()))
        kept += bool(found.variables)
    assert kept <= 8


def test_a_column_that_never_changes_explains_nothing() -> None:
    found, rejected = select(a_table({"zero": [0.0] * 20}, (50 + noise(20, seed=1)).tolist()))
    assert (found.variables, rejected[0].why) == ((), "constant")


def test_of_two_columns_that_say_the_same_one_goes() -> None:
    """Tonnes and pieces of one product, say."""
    parts = np.random.default_rng(5).uniform(0, 100, 60)
    columns = {"parts": parts.tolist(), "tonnes": (parts * 2 + 0.01 * noise(60, seed=2)).tolist()}
    found, rejected = select(a_table(columns, (10 + parts + noise(60, seed=3)).tolist()))
    assert len(found.variables) == 1
    assert [each.why for each in rejected] == ["says the same as others"]


def test_a_column_that_others_determine_goes() -> None:
    """To the last digit: hours in and out of shift, say."""
    parts = np.random.default_rng(5).uniform(0, 24, 60)
    columns = {"in": parts.tolist(), "out": (24 - parts).tolist()}
    found, rejected = select(a_table(columns, (10 + parts + noise(60, seed=3)).tolist()))
    assert (found.variables, [each.variable for each in rejected]) == (("in",), ["out"])


@pytest.mark.parametrize(("variables", "days"), [(0, 13), (4, 29)])
def test_too_few_days_are_refused(variables: int, days: int) -> None:
    """With how many are needed."""
    columns = {f"v{n}": noise(days, seed=n).tolist() for n in range(variables)}
    with pytest.raises(TooFewDays, match=f"{days} days are known, and {days + 1} are needed"):
        select(a_table(columns, [1.0] * days))
