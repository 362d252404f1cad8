"""Which sign is the decimal one."""

import pandas as pd
import pytest

from energytrack.importer.cells.signs import decimal_sign
from energytrack.importer.cells.totals import Summed
from energytrack.importer.choices import Choices, FileFinding, NotProved


def sign_of(*cells: str, total: str | None = None) -> FileFinding:
    column = pd.Series(list(cells))
    totals = () if total is None else (Summed(total, column, "kWh"),)
    return decimal_sign([column], Choices(), separator=";", totals=totals)


@pytest.mark.parametrize(
    ("cells", "total", "sign"),
    [
        (("12", "1.234", "999"), "2.245", ","),
        (("12", "1.234", "999"), "1012.234", "."),
        (("12", "1,234", "999"), "2,245", "."),
        (("12", "1,234", "999"), "1012,234", ","),
        (("500", "500.125", "250"), "1250.125", "."),
        (("1.234", "5.678", "1.000"), "1.007.912", ","),
    ],
)
def test_a_sum_that_is_right_with_one_sign_only_proves_it(cells: tuple[str, ...], total: str, sign: str) -> None:
    assert sign_of(*cells, total=total).value == sign


def test_the_sum_is_the_reason_that_is_shown() -> None:
    assert sign_of("12", "1.234", "999", total="2.245").why == (
        "the row of totals says '2.245' of 'kWh', and its rows add up to 2,245; "
        "with the other sign they would add up to 1,012.234"
    )


@pytest.mark.parametrize("total", ["3.700", "9.999"])
def test_a_sum_that_is_right_with_neither_sign_is_said_in_the_question(total: str) -> None:
    with pytest.raises(NotProved) as asked:
        sign_of("400", "1.234", "999", total=total)
    assert (
        f"the row of totals says '{total}' of 'kWh', but its rows add up to 1,400.234 or 2,633" in asked.value.problem
    )


def test_a_sum_that_is_right_with_both_signs_proves_nothing() -> None:
    with pytest.raises(NotProved) as asked:
        sign_of("1.234", "2.345", "3.456", total="7.035")
    assert "row of sums" not in asked.value.problem


def test_words_and_lost_values_among_the_cells_prove_nothing() -> None:
    """`k.A.` and a single point have no digits, whatever signs they have."""
    assert sign_of("0,25", "k.A.", ".", "n.v.", "0,50").value == ","


def test_columns_with_different_signs_are_asked_about() -> None:
    with pytest.raises(NotProved, match=r"both '0\.25' and '3,5' occur"):
        sign_of(*["0.25", "3,5"] * 20)


def test_one_cell_with_the_other_sign_is_a_mistake() -> None:
    assert sign_of(*["0,25"] * 400, "0.25").value == ","
