"""A step that is done is shown as done."""

import pytest

from ml.progress import progress_bars


def test_shares_that_do_not_quite_sum_up(capsys: pytest.CaptureFixture[str]) -> None:
    """Three thirds are a whole, and ten tenths are."""
    with progress_bars() as begin:
        for parts in (3, 10):
            tick = begin(f"in {parts} parts")
            for _ in range(parts):
                tick(1 / parts)
        begin("a step that tells nothing")
    shown = capsys.readouterr().err
    assert shown.count("100%") == 2
    assert "a step that tells nothing" in shown
