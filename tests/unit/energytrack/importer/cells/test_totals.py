"""Rows of sums."""

import numpy as np
import pandas as pd
import pytest

from energytrack.importer.cells.totals import (
    Summed,
    check_totals,
    disagreement,
    is_sum_of_others,
    says_sum,
    sign_proved_by_totals,
    summed_columns,
    summed_rows,
)

COLUMN = pd.Series(["12", "1.234", "999"])


@pytest.mark.parametrize("word", ["Summe", "Total:", "Gesamtverbrauch", "Tagessumme", "razem", "Suma", "SUBTOTAL"])
def test_a_row_of_sums_says_so(word: str) -> None:
    assert says_sum(word)


@pytest.mark.parametrize("word", ["Mittelwert", "Zeit", "Maximum", ""])
def test_other_rows_do_not(word: str) -> None:
    assert not says_sum(word)


def test_cells_that_are_rounded_add_up_about() -> None:
    cells = pd.Series([f"{0.1234 * i:.2f}".replace(".", ",") for i in range(100)])
    total = f"{sum(0.1234 * i for i in range(100)):.2f}".replace(".", ",")
    (found,) = check_totals([Summed(total, cells, "kWh")], ",")
    assert found.value == "kWh"
    assert check_totals([Summed("600,00", cells, "kWh")], ",") == ()


def test_a_row_that_does_not_say_that_it_is_a_sum_may_prove_but_not_disagree() -> None:
    assert sign_proved_by_totals([Summed("2.245", COLUMN, "kWh", is_named=False)]) is not None
    assert disagreement([Summed("3.000", COLUMN, "kWh", is_named=False)]) == ""
    assert disagreement([Summed("3.000", COLUMN, "kWh")]) != ""


def test_totals_are_those_of_columns_of_numbers() -> None:
    cells = pd.DataFrame({0: ["a", "b", "c"], 1: COLUMN})
    (found,) = summed_columns(cells, [("Summe", "2.245 kWh")], [1], ("time", "kWh"))
    assert (found.total, found.heading) == ("2.245", "kWh")
    assert summed_columns(cells.iloc[:2], [("Summe", "2.245")], [1], ("time", "kWh")) == ()
    assert summed_columns(cells, [("Summe", "")], [1], ("time", "kWh")) == ()


def test_a_column_may_hold_the_sums_of_rows() -> None:
    cells = pd.DataFrame({0: ["1", "2"], 1: ["3", "4"], 2: ["4", "6"]})
    assert [(each.total, each.cells.tolist()) for each in summed_rows(cells, 2, [0, 1], ("a", "b", "Summe"))] == [
        ("4", ["1", "3"]), ("6", ["2", "4"]),
    ]  # fmt: skip


def test_a_last_value_is_the_sum_of_all_others() -> None:
    values = np.array([0.25 + i % 3 for i in range(20)])
    assert is_sum_of_others(np.append(values, values.sum()), 20)
    assert not is_sum_of_others(np.append(values, values.sum() + 0.25), 20)
    assert not is_sum_of_others(np.array([1.0, 2.0, 3.0]), 2), "so few may be that by chance"
    assert not is_sum_of_others(np.zeros(20), 19)


def test_the_first_values_after_zeros_may_add_up_by_chance() -> None:
    """A machine that stood still, and a meter with few digits: 0, 0, …, 1, 1, 1, 3."""
    assert not is_sum_of_others(np.array([*[0.0] * 92, 1.0, 1.0, 1.0, 3.0]), 95)
    assert not is_sum_of_others(np.array([3.0, 1.0, 1.0, 1.0, *[0.0] * 92]), 0)
