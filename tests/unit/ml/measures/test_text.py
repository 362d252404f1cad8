import pytest

from ml.measures.text import interval, number, percent, rate

NAN = float("nan")


def test_what_was_not_measured_is_a_dash() -> None:
    """Never "nan"."""
    assert [number(NAN), number(None), percent(NAN), rate(NAN), interval((NAN, NAN))] == ["-", "-", "-", "-", ""]


@pytest.mark.parametrize(("share", "text"), [(0.6224, "62 %"), (0.0, "0 %"), (0.003, "under 1 %"), (1.0, "100 %")])
def test_shares_have_no_decimals(share: float, text: str) -> None:
    assert percent(share) == text


def test_numbers_and_intervals() -> None:
    assert number(1234.5678, 1) == "1,234.6"
    assert interval((0.25, 0.5), 2) == "0.25 to 0.50"
    assert [rate(value) for value in (0.00417, 0.23, 12.0)] == ["0.0042", "0.23", "12"]
