"""The flag that says which month."""

import argparse

import pytest

from energytrack.bill.arguments import add_month
from energytrack.bill.load import Month


def _given(*words: str) -> Month | None:
    parser = argparse.ArgumentParser()
    add_month(parser)
    month: Month | None = parser.parse_args(words).month
    return month


def test_a_month_is_optional() -> None:
    assert _given() is None
    assert _given("--month", "0001-10") == Month(1, 10)


def test_what_is_no_month_is_answered_with_what_was_expected(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _given("--month", "October")
    assert "expected a month as 2026-10, got 'October'" in capsys.readouterr().err
