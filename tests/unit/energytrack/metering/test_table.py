"""The table of docs/how-energy-is-counted.md, row by row."""

import pytest

from energytrack.metering.limits import Limits, limits_of
from tests.unit.energytrack.machines.test_power import RATING
from tests.unit.energytrack.metering.run import (
    AMPERES_AT_8_KW,
    BOTH,
    LISTED,
    UNLISTED,
    at_times,
    fed,
    registers,
    steady,
)

both = pytest.mark.parametrize("limits", BOTH.values(), ids=BOTH)
stored = pytest.mark.parametrize("stored", [False, True], ids=["running", "killed at any moment"])


@both
@pytest.mark.parametrize("offset", [0.0, 1.0, 200.0, 449.0])
def test_whole_kwh_for_20_minutes(limits: Limits, offset: float) -> None:
    """8 kW, whole kWh: 1000, 1000, ... 1001 ..., 20 min: 2 to 3 kWh, by the register."""
    result = fed(steady(8.0, start=1000 + 8.0 * offset / 3600.0, seconds=1200, resolution=1.0), limits)
    assert 2.0 <= result.kwh("measured") <= 3.0
    assert result.billed == pytest.approx(result.kwh("measured"))
    assert result.findings == []


@both
@pytest.mark.parametrize(
    ("refresh", "seconds", "right"), [(60.0, 600.0, 1.3), (900.0, 14_400.0, 32.0)], ids=["each minute", "each 15 min"]
)
@pytest.mark.parametrize("offset", [0.0, 1.0, 30.0, 59.0])
def test_two_decimals_refreshed_now_and_then(
    limits: Limits, refresh: float, seconds: float, right: float, offset: float
) -> None:
    """8 kW, two decimals, refreshed each minute (each 15 min), 10 min (4 h): 1.3 (32) kWh."""
    readings = steady(8.0, start=1000.0, seconds=seconds, resolution=0.01, refresh=refresh, offset=offset)
    result = fed(readings, limits)
    assert result.billed == pytest.approx(right, abs=0.05)
    assert result.kwh("measured") == pytest.approx(result.billed)
    assert result.findings == []


@both
@pytest.mark.parametrize("every", [1.0, 60.0])
def test_a_blink_to_zero(limits: Limits, every: float) -> None:
    """48211.0, 0.0, 48211.4: 0.4, one blink named."""
    result = fed(registers(48211.0, 0.0, 48211.4, every=every), limits)
    assert result.billed == pytest.approx(0.4)
    assert result.reasons == ["blink"]


@both
def test_a_dip(limits: Limits) -> None:
    """100.0, 99.9, 100.0, 100.1: 0.1."""
    result = fed(registers(100.0, 99.9, 100.0, 100.1), limits)
    assert result.billed == pytest.approx(0.1)
    assert result.findings == []


@both
@stored
def test_a_reset(limits: Limits, *, stored: bool) -> None:
    """48211.0, then 0.0, 0.2 ... 5.0 over 60 min; killed at any time: 5.0, once, before and after."""
    values = [48211.0, *(round(0.2 * n, 1) for n in range(26))]
    result = fed(registers(*values, every=144.0), limits, stored=stored)
    assert result.billed == pytest.approx(5.0)
    assert result.reasons == ["reset"]
    (finding,) = result.findings
    assert (finding.kind, finding.before_kwh, finding.after_kwh) == ("meter_exchanged", 48211.0, 0.0)


@both
def test_a_reset_read_each_second(limits: Limits) -> None:
    """The same with a reading a second."""
    values = [48211.0, *(int(5.0 * n / 3600 / 0.2 + 1e-9) * 0.2 for n in range(3601))]
    result = fed(registers(*values, every=1.0, current=8.5), limits)
    assert result.billed == pytest.approx(5.0)
    assert result.reasons == ["reset"]


@both
@pytest.mark.parametrize("every", [1.0, 60.0])
def test_an_exchanged_meter(limits: Limits, every: float) -> None:
    """48211.0, 12.3, 12.5, 12.7: 0.4, an exchange on record, the year's total intact."""
    result = fed(registers(48211.0, 12.3, 12.5, 12.7, every=every), limits)
    assert result.billed == pytest.approx(0.4)
    assert result.meter.totals.billed / 3.6e6 == pytest.approx(48211.4)
    (finding,) = result.findings
    assert (finding.kind, finding.reason) == ("meter_exchanged", "exchanged_lower")
    assert (finding.before_kwh, finding.after_kwh) == (48211.0, 12.3)


@both
@pytest.mark.parametrize("current", [12.4, None])
def test_a_reading_a_million_too_high(limits: Limits, current: float | None) -> None:
    """One reading 1,000,000 too high: nothing billed in silence, one suspect named."""
    result = fed(registers(48211.0, 48211.1, 1048211.2, 48211.3, 48211.4, current=current), limits)
    assert result.billed == pytest.approx(0.4)
    assert result.reasons == ["spike"]


@both
@pytest.mark.parametrize("current", [12.4, None])
def test_a_new_meter_499000_higher(limits: Limits, current: float | None) -> None:
    """Nothing billed in silence; suspect; goes on from the new value."""
    values = [48211.0, 48211.1, *(round(547211.0 + 0.1 * n, 1) for n in range(10))]
    result = fed(registers(*values, current=current), limits)
    assert result.billed == pytest.approx(0.1 + 0.9)
    assert result.kwh("suspect") == pytest.approx(498999.9)
    (finding,) = result.findings
    assert (finding.kind, finding.reason) == ("meter_exchanged", "exchanged_higher")
    assert (finding.before_kwh, finding.after_kwh) == (48211.1, 547211.0)


@pytest.mark.parametrize("refresh", [1.0, 60.0])
@pytest.mark.parametrize("kw", [2.0, 8.0])
def test_totals_in_wh(kw: float, refresh: float) -> None:
    """Totals in Wh for a listed machine: "looks like Wh", nothing billed from it, estimated from current meanwhile."""
    readings = steady(kw, start=48211.0, seconds=3600, resolution=1.0, factor=1000.0, refresh=refresh)
    result = fed(readings, LISTED)
    assert result.reasons == ["looks_like_wh"]
    assert result.kwh("measured") == 0.0
    assert result.billed == pytest.approx(result.kwh("estimated")) == pytest.approx(kw, rel=0.01)
    assert result.kwh("suspect") == pytest.approx(kw * 1000, rel=0.05)


@both
def test_swapped_words(limits: Limits) -> None:
    """48211.0, 48211.2, 3159949312.0, 48211.6, 48211.8: 0.8, one suspect."""
    result = fed(registers(48211.0, 48211.2, 3159949312.0, 48211.6, 48211.8), limits)
    assert result.billed == pytest.approx(0.8)
    assert result.reasons == ["words_swapped"]


@both
def test_a_silence_of_90_minutes(limits: Limits) -> None:
    """Silent for 90 min, back with +9 kWh: 9 kWh, bridged, spread over the gap."""
    result = fed(at_times([(0, 100.0), (1, 100.0), (5401, 109.0)]), limits)
    (part,) = result.parts
    assert part.verdict == "bridged"
    assert part.joules / 3.6e6 == pytest.approx(9.0)
    assert part.end - part.start == pytest.approx(5400)
    assert result.seconds("bridged") == pytest.approx(5400)


def test_no_register_and_readings_ten_minutes_apart() -> None:
    """No register, 20 A, one reading each 10 min, and one after 6 h: unknown is shown; estimated where allowed."""
    readings = at_times([*((600.0 * n, None) for n in range(7)), (3600.0 + 6 * 3600.0, None)], current=20.0)
    strict = fed(readings, LISTED)
    assert strict.billed == 0.0
    assert strict.seconds("unknown") == pytest.approx(7 * 3600)
    allowed = fed(readings, limits_of(RATING, gap_seconds=900.0))
    assert allowed.kwh("estimated") == pytest.approx(20 * 0.588897, rel=1e-4)
    assert allowed.seconds("estimated") == pytest.approx(3600)
    assert allowed.seconds("unknown") == pytest.approx(6 * 3600)


@both
def test_a_negative_current(limits: Limits) -> None:
    """Current -20 A for 10 min: not billed in silence, named."""
    result = fed(at_times([(float(n), None) for n in range(601)], current=-20.0), limits)
    assert result.billed == 0.0
    assert result.reasons == ["negative_current"]
    assert result.seconds("unknown") == pytest.approx(600)


def test_estimates_are_the_currents() -> None:
    """Without a register one hour at 8 kW is 8 kWh, estimated."""
    result = fed(at_times([(float(n), None) for n in range(3601)], current=AMPERES_AT_8_KW))
    assert result.kwh("estimated") == pytest.approx(8.0, rel=1e-6)
    assert result.seconds("estimated") == pytest.approx(3600)
    assert UNLISTED.watts_per_ampere is None
