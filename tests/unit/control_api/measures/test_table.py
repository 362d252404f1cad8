"""Measures for spreadsheets."""

from control_api.measures.table import row_of
from tests.unit.control_api.measures.test_rules import a_saving, an_outcome


def test_a_row_has_what_was_expected_and_what_was_proved() -> None:
    row = row_of(an_outcome(a_saving()), "said")
    assert (row.expected_kwh, row.saved_kwh, row.plus_minus_kwh, row.days, row.option) == (800.0, 412.3, 38.4, 20, "B")


def test_nothing_known_is_nothing_shown() -> None:
    """And not zero kilowatt hours."""
    row = row_of(an_outcome(baseline=None, kept=None), "said")
    assert (row.saved_kwh, row.expected_kwh, row.is_proved, row.days) == (None, None, False, 0)
