"""What a register counted between its values."""

import numpy as np
import pytest

from energytrack.importer.content import differences


def counted(*register: float) -> tuple[list[float], list[str]]:
    energy, findings = differences(np.arange(len(register), dtype=np.int64), np.array(register))
    return np.round(energy.kwh, 6).tolist(), [found.what for found in findings]


@pytest.mark.parametrize("digits", [4, 5, 6])
def test_a_register_counts_on_from_zero_when_it_has_no_more_digits(digits: int) -> None:
    end = 10.0**digits
    assert counted(end - 1.5, end - 1.0, end - 0.5, 0.25, 1.0) == ([0.5, 0.5, 0.75, 0.75], ["rollovers"])


@pytest.mark.parametrize(
    "register",
    [
        (99_000.0, 99_001.0, 99_002.0, 0.5, 1.5),
        (99_990.0, 99_990.1, 99_990.2, 900.0, 900.1),
        (50_000.0, 50_001.0, 3.0, 4.0),
        (997.0, 998.0, 999.0, 0.5, 1.5),
    ],
)
def test_another_fall_is_an_exchanged_meter(register: tuple[float, ...]) -> None:
    """What it counted meanwhile is not known."""
    kwh, findings = counted(*register)
    assert findings == ["exchanges"]
    assert np.isnan(kwh).sum() == 1


def test_what_a_register_counts_while_it_rolls_over_is_compared_by_the_hour() -> None:
    """After a gap a register has counted much; an exchanged one has not, whatever passed in another gap."""
    hours = [0, 1, 2, 3, 27, 28]
    over, _ = differences(np.array(hours), np.array([99_970.0, 99_980.0, 99_990.0, 99_995.0, 200.0, 210.0]))
    assert over.kwh.tolist() == [10.0, 10.0, 5.0, 205.0, 10.0]
    exchanged, findings = differences(
        np.array(hours), np.array([97_000.0, 97_010.0, 97_020.0, 97_030.0, 99_490.0, 12.0])
    )
    assert np.isnan(exchanged.kwh).tolist() == [False, False, False, False, True]
    assert [found.what for found in findings] == ["exchanges"]
