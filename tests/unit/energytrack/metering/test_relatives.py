"""What is like the rows of the table: other registers that real plants have, and what they must not cost."""

import struct
from pathlib import Path

import pytest

from energytrack.metering.limits import Limits, limits_of
from energytrack.metering.reasons import EXPLANATIONS, REASONS
from tests.unit.energytrack.machines.test_power import RATING
from tests.unit.energytrack.metering.run import (
    AMPERES_AT_8_KW,
    BOTH,
    LISTED,
    at_times,
    fed,
    registers,
    steady,
)

both = pytest.mark.parametrize("limits", BOTH.values(), ids=BOTH)


@both
@pytest.mark.parametrize("resolution", [0.001, 0.1, 1.0])
def test_hourly_refresh(limits: Limits, resolution: float) -> None:
    """A register that is read each minute and refreshed once an hour is right, and nothing is found wrong with it."""
    result = fed(steady(8.0, start=500.0, seconds=36_000, resolution=resolution, refresh=3600, every=60), limits)
    assert result.billed == pytest.approx(80.0, abs=resolution)
    assert result.kwh("measured") == pytest.approx(result.billed)
    assert result.findings == []
    assert result.seconds("measured") == pytest.approx(36_000)


@both
def test_values_on_change_only(limits: Limits) -> None:
    """A gateway that sends a reading when the register has moved, minutes or hours later."""
    result = fed(at_times([(0, 10.0), (450, 11.0), (900, 12.0), (30_000, 13.0), (30_450, 14.0)]), limits)
    assert result.billed == pytest.approx(4.0)
    assert result.findings == []
    assert result.seconds("unknown") == 0.0


def test_a_register_that_stands_still_while_current_flows() -> None:
    """After two hours it is named, and energy is estimated from current, for those hours as well."""
    readings = at_times([(60.0 * n, 1000.0) for n in range(301)], current=AMPERES_AT_8_KW)
    result = fed(readings)
    assert result.billed == pytest.approx(40.0, rel=1e-6)
    assert result.kwh("estimated") == pytest.approx(40.0, rel=1e-6)
    assert set(result.reasons) == {"stands_still"}
    assert len(result.reasons) == 3  # at two hours, and once an hour


def test_what_was_estimated_is_set_off_when_the_register_moves() -> None:
    """A register that catches up after three hours does not bill those hours again."""
    readings = at_times([*((60.0 * n, 1000.0) for n in range(181)), (10_860.0, 1025.0)], current=AMPERES_AT_8_KW)
    result = fed(readings)
    assert result.billed == pytest.approx(25.0)
    assert result.kwh("measured") == pytest.approx(1.0, abs=0.1)


def test_a_machine_that_is_off_needs_no_register_that_moves() -> None:
    """Standing at standby for a weekend: measured, nothing wrong."""
    result = fed(at_times([(60.0 * n, 1000.0) for n in range(2880)], current=0.0))
    assert result.billed == 0.0
    assert result.findings == []
    assert result.seconds("measured") == pytest.approx(2879 * 60)


def test_a_register_that_is_missing_for_hours() -> None:
    """Energy is estimated from current meanwhile, and set off when the register is back."""
    values: list[tuple[float, float | None]] = [(0.0, 1000.0), *((60.0 * n, None) for n in range(1, 180))]
    result = fed(at_times(values, current=AMPERES_AT_8_KW))
    assert result.billed == pytest.approx(8.0 * 179 / 60, rel=1e-6)
    assert "register_missing" in result.reasons
    back = fed(at_times([*values, (10_800.0, 1024.0)], current=AMPERES_AT_8_KW))
    assert back.billed == pytest.approx(24.0)


@both
def test_a_register_that_is_missing_for_a_while(limits: Limits) -> None:
    """The next one brings what was used meanwhile; current is not counted beside it."""
    result = fed(registers(100.0, None, None, 100.2), limits)
    assert result.billed == pytest.approx(0.2)
    assert result.kwh("measured") == pytest.approx(0.2)


def test_a_register_that_runs_backwards() -> None:
    """Named; nothing is billed from it; estimated from current."""
    readings = at_times([(60.0 * n, 1000.0 - 0.133 * n) for n in range(61)], current=AMPERES_AT_8_KW)
    result = fed(readings)
    assert result.reasons == ["runs_backwards"]
    assert result.kwh("measured") == 0.0
    assert result.billed == pytest.approx(8.0, rel=1e-6)
    assert result.kwh("suspect") == pytest.approx(8.0, rel=0.01)


def test_a_transformer_that_was_turned_round() -> None:
    """After it is mended the register is believed again."""
    backwards = [(60.0 * n, 1000.0 - 0.133 * n) for n in range(61)]
    forwards = [(3600.0 + 60.0 * n, 1000.0 - 0.133 * 60 + 0.133 * n) for n in range(1, 61)]
    result = fed(at_times(backwards + forwards, current=AMPERES_AT_8_KW))
    assert result.meter.record.distrust is None
    assert result.billed == pytest.approx(16.0, rel=0.01)
    assert result.kwh("measured") == pytest.approx(7.3, abs=0.3)


def test_a_unit_that_was_set_right() -> None:
    """Wh for an hour, then kWh: believed again after a few moves, and the fall is no energy."""
    wrong = steady(8.0, start=48211.0, seconds=3600, resolution=1.0, factor=1000.0)
    right = at_times(
        [(3600.0 + 60.0 * n, round(48219.0 + 0.1333 * n, 2)) for n in range(1, 61)], current=AMPERES_AT_8_KW
    )
    result = fed(wrong + right)
    assert result.meter.record.distrust is None
    assert result.billed == pytest.approx(16.0, rel=0.02)


@both
@pytest.mark.parametrize("top", [1000.0, 10_000.0, 100_000.0, 999_999.0 + 1])
def test_a_rollover(limits: Limits, top: float) -> None:
    """The register runs over its last digit: counted through."""
    values = [top - 0.3, top - 0.2, top - 0.1, 0.0, 0.1, 0.2, 0.3]
    result = fed(registers(*values), limits)
    assert result.billed == pytest.approx(0.6)
    assert result.reasons == ["rollover"]


@both
def test_a_blink_near_the_top_is_no_rollover(limits: Limits) -> None:
    """99999.8, 0.0, 0.0, 99999.9: a blink, and the register goes on."""
    result = fed(registers(99999.8, 0.0, 0.0, 99999.9), limits)
    assert result.billed == pytest.approx(0.1)
    assert result.reasons == ["blink"]


@both
@pytest.mark.parametrize("zeros", [1, 5, 60])
def test_a_long_blink(limits: Limits, zeros: int) -> None:
    """Zero for minutes while the gateway restarts: the register brings what was used."""
    result = fed(registers(48211.0, *([0.0] * zeros), round(48211.0 + 0.1 * (zeros + 1), 1)), limits)
    assert result.billed == pytest.approx(0.1 * (zeros + 1))
    assert result.reasons == ["blink"]


@both
def test_a_blink_once_a_minute_is_named_once_an_hour(limits: Limits) -> None:
    """A gateway that sends zeros all the time does not flood anybody."""
    values = [v for n in range(90) for v in (round(1000.0 + 0.1 * n, 1), 0.0)]
    result = fed(registers(*values, 1009.0), limits)
    assert result.billed == pytest.approx(9.0)
    assert result.reasons == ["blink"] * 3


@both
def test_a_meter_that_is_exchanged_and_then_not(limits: Limits) -> None:
    """A false exchange: the old meter comes back, and what was billed meanwhile is part of what it shows."""
    result = fed(registers(48211.0, 0.0, 0.1, 0.2, 0.3, 48211.5, 48211.6), limits)
    assert result.billed == pytest.approx(0.6)
    assert result.reasons == ["reset", "former_returned"]


@both
@pytest.mark.parametrize("until", [5.0, 50.0])
def test_a_reset_of_a_young_meter(limits: Limits, until: float) -> None:
    """A meter with few kilowatt hours is reset: what it counted before stays, what comes after is counted."""
    before = [round(0.1 * n, 1) for n in range(round(until * 10) + 1)]
    after = [round(0.1 * n, 1) for n in range(31)]
    result = fed(registers(*before, *after), limits)
    assert result.billed == pytest.approx(until + 3.0)
    assert result.reasons == ["reset"]


def test_a_leap_within_a_days_work_is_suspect() -> None:
    """100 kWh in a minute on a machine of 14 kW: kept out of the bill, shown, and the register goes on."""
    result = fed(registers(1000.0, 1000.1, 1100.1, 1100.2, 1100.3))
    assert result.billed == pytest.approx(0.3)
    assert result.kwh("suspect") == pytest.approx(100.0)
    (finding,) = result.findings
    assert (finding.kind, finding.reason) == ("meter_suspect", "leap")


def test_time_does_not_excuse_a_leap() -> None:
    """10 kWh in a second and then a machine that stands for an hour: not billed once an hour has passed."""
    values = [(0.0, 1000.0), (60.0, 1000.1), (61.0, 1010.1), *((61.0 + 60.0 * n, 1010.1) for n in range(1, 90))]
    result = fed(at_times(values, current=0.0))
    assert result.billed == pytest.approx(0.1)


def test_a_machine_larger_than_its_type_says() -> None:
    """200 kW on a type of 14 kW, two minutes each: suspect, named, estimated; a rating overrules nothing in silence."""
    result = fed(registers(*(1000.0 + 3.33 * n for n in range(31)), current=340.0))
    assert result.reasons == ["above_limit"]
    assert result.kwh("suspect") == pytest.approx(3.33 * 30)
    assert result.billed == pytest.approx(result.kwh("estimated"))


@pytest.mark.parametrize("value", [48211.2, 1500.5, 3_000_000.25])
@pytest.mark.parametrize("factor", [1, 10, 100])
def test_integers_whose_words_are_swapped(value: float, factor: int) -> None:
    """A register sent as a 32-bit integer of kilowatt hours, tenths or hundredths: named; the register goes on."""
    whole = round(value * factor)
    shown = ((whole & 0xFFFF) << 16 | whole >> 16) / factor
    result = fed(registers(value, shown, value + 0.2))
    assert result.billed == pytest.approx(0.2)
    assert result.reasons == ["words_swapped"]


def test_floats_whose_words_are_swapped() -> None:
    """A register sent as a 32-bit float."""
    bits = struct.pack(">f", 48211.2)
    (shown,) = struct.unpack(">f", bits[2:] + bits[:2])
    result = fed(registers(48211.2, shown, 48211.4))
    assert result.billed == pytest.approx(0.2)
    assert result.reasons == ["words_swapped"]


def test_a_register_that_appears_later() -> None:
    """Estimated until then, measured from then on, nothing twice."""
    result = fed(registers(None, None, 500.0, 500.1, 500.2, current=AMPERES_AT_8_KW))
    assert result.kwh("estimated") == pytest.approx(8.0 * 2 / 60, rel=1e-6)
    assert result.kwh("measured") == pytest.approx(0.2)


def test_a_small_negative_current_is_zero() -> None:
    """An offset of the sensor is nothing to name."""
    result = fed(registers(None, None, None, current=-0.1))
    assert result.findings == []
    assert result.seconds("estimated") == pytest.approx(120)


def test_a_spread_over_quarter_hours_stays_in_the_gap() -> None:
    """A machine whose register is refreshed each second, silent from 10:07 to 11:37: no energy before or after."""
    readings = [
        *steady(8.0, start=100.0, seconds=420, resolution=0.001),
        *at_times([(420 + 5400, 100.0 + 8.0 * 420 / 3600 + 12.0)], current=AMPERES_AT_8_KW),
    ]
    result = fed(readings)
    (bridged,) = [part for part in result.parts if part.verdict == "bridged"]
    assert bridged.end - bridged.start == pytest.approx(5400)
    assert bridged.reason == "gap"


def test_each_reason_has_its_words() -> None:
    """What it is, and the step that mends it, in whole sentences."""
    assert set(EXPLANATIONS) == set(REASONS)
    for explanation in EXPLANATIONS.values():
        assert explanation.words.endswith(".")
        assert explanation.mend.endswith(".")


def test_the_gap_limit_is_a_setting_of_the_machine() -> None:
    """A machine that is read each quarter of an hour."""
    readings = at_times([(900.0 * n, None) for n in range(5)], current=AMPERES_AT_8_KW)
    assert fed(readings, LISTED).billed == 0.0
    assert fed(readings, limits_of(RATING, gap_seconds=1000.0)).billed == pytest.approx(8.0, rel=1e-6)


def test_the_page_explains_each_reason() -> None:
    """What people read is what the code says."""
    page = (Path(__file__).parents[4] / "docs" / "how-energy-is-counted.md").read_text(encoding="utf-8")
    for reason, explanation in EXPLANATIONS.items():
        assert f"| `{reason}` | {explanation.words} | {explanation.mend} |" in page
