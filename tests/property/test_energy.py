"""Energy is additive, never falls, and no reading counts twice."""

from datetime import timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energytrack.energy import Meter, advance_meter, start_meter
from energytrack.messages import Reading
from testkit.builders import NOW, a_reading
from tests.unit.energytrack.test_energy import RATING

currents = st.none() | st.floats(0, 200)
registers = st.none() | st.floats(0, 1e6)
steps = st.lists(
    st.tuples(st.integers(1, 900), currents, registers, st.sampled_from(["running", "idle", None])),
    min_size=1,
    max_size=30,
)


@st.composite
def series(draw: st.DrawFn) -> list[Reading]:
    """Readings of one machine in order of time, with gaps, lost sensors and a register that does as it likes."""
    drawn = draw(steps)
    with_register = draw(st.booleans())
    seconds = accumulate(step[0] for step in drawn)
    return [
        a_reading(
            timestamp=NOW + timedelta(seconds=at),
            current=current,
            energy_kwh=register if with_register else None,
            state=state,
        )
        for at, (_, current, register, state) in zip(seconds, drawn, strict=True)
    ]


def fold(readings: list[Reading], meter: Meter | None = None) -> Meter:
    for reading in readings:
        meter = start_meter(reading, RATING) if meter is None else advance_meter(meter, reading, RATING)
    assert meter is not None
    return meter


@given(readings=series())
def test_the_meter_never_falls(readings: list[Reading]) -> None:
    """Not by a meter that was replaced, not by a sensor that lies."""
    meters = [fold(readings[:end]) for end in range(1, len(readings) + 1)]
    totals = [meter.total_joules for meter in meters]
    assert totals == sorted(totals)
    idle = [meter.idle_joules for meter in meters]
    assert idle == sorted(idle)
    assert idle[-1] <= totals[-1] - totals[0] + 1e-6


@given(readings=series(), data=st.data())
def test_splitting_a_series_changes_nothing(readings: list[Reading], data: st.DataObject) -> None:
    """A service that restarts from its state goes on where it was."""
    cut = data.draw(st.integers(1, len(readings)))
    assert fold(readings[cut:], fold(readings[:cut])) == fold(readings)


@given(readings=series(), data=st.data())
def test_energy_of_parts_adds_up(readings: list[Reading], data: st.DataObject) -> None:
    """What was used until an instant and what was used since are what was used in all."""
    cut = data.draw(st.integers(1, len(readings)))
    before, whole = fold(readings[:cut]), fold(readings)
    since = fold(readings[cut:], before)
    used_before = before.total_joules - fold(readings[:1]).total_joules
    used_since = since.total_joules - before.total_joules
    used = whole.total_joules - fold(readings[:1]).total_joules
    assert used_before + used_since == pytest.approx(used, abs=1e-3)


@given(readings=series(), data=st.data())
def test_duplicates_and_late_ones_change_nothing(readings: list[Reading], data: st.DataObject) -> None:
    """At-least-once delivery costs nobody money."""
    disturbed: list[Reading] = []
    for index, reading in enumerate(readings):
        disturbed.append(reading)
        disturbed += [readings[i] for i in data.draw(st.lists(st.integers(0, index), max_size=3))]
    assert fold(disturbed) == fold(readings)


@given(amperes=st.floats(0, 30), seconds=st.integers(1, 300), data=st.data())
def test_more_readings_of_the_same_current_make_no_more_energy(
    amperes: float, seconds: int, data: st.DataObject
) -> None:
    """The rate of the readings is no part of the result."""
    between = data.draw(st.sets(st.integers(1, max(1, seconds - 1)), max_size=10)) - {seconds}
    at = [0, *sorted(between), seconds]
    readings = [a_reading(timestamp=NOW + timedelta(seconds=s), current=amperes) for s in at]
    sparse = fold([readings[0], readings[-1]])
    assert fold(readings).total_joules == pytest.approx(sparse.total_joules)
