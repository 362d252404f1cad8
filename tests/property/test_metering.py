"""The meter, whatever a register does: no total falls, nothing is unlimited, nothing counts twice."""

import math
from datetime import timedelta
from itertools import accumulate

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energytrack.machines.power import JOULES_PER_KWH
from energytrack.messages import Reading
from energytrack.metering.limits import MARGIN, Limits, limits_of
from energytrack.metering.quarters import split, split_cover
from energytrack.metering.register import CREDIT_JOULES, LONGEST_PERIOD
from energytrack.metering.rules import by_the_rules
from energytrack.metering.step import step
from energytrack.metering.values import CoverageSpan, EnergyPart, Meter, Step
from testkit.builders.messages import NOW, a_reading
from tests.unit.energytrack.machines.test_power import RATING
from tests.unit.energytrack.metering.run import AMPERES_AT_8_KW, LISTED, UNLISTED, at_times, fed

currents = st.none() | st.floats(-5, 200)
wild = st.none() | st.floats(0, 1e9) | st.sampled_from([0.0, 100.0, 100.2, 99.9, 999.9, 1000.0, 48211.0, 3159949312.0])
states = st.sampled_from(["running", "idle", None])
some_limits = st.sampled_from([LISTED, UNLISTED, limits_of(RATING, gap_seconds=900.0)])


@st.composite
def lives(draw: st.DrawFn) -> list[Reading]:
    """Readings in order of time: a register that goes on as it should, with whatever happens to registers mixed in."""
    steps = draw(
        st.lists(
            st.tuples(st.sampled_from([1, 10, 60, 299, 301, 5000, 90_000]), currents, st.floats(0, 0.5), wild, states,
                      st.sampled_from(["goes on", "goes on", "goes on", "wild", "moves there"])),
            min_size=1, max_size=40,
        )
    )  # fmt: skip
    kwh = draw(st.sampled_from([0.0, 99.9, 999.8, 48211.0]))
    readings = []
    for at, (_, current, rise, value, state, what) in zip(accumulate(s[0] for s in steps), steps, strict=True):
        kwh += rise
        shown: float | None = kwh
        if what != "goes on":
            shown = value
            if what == "moves there" and value is not None:
                kwh = value
        readings.append(
            a_reading(timestamp=NOW + timedelta(seconds=at), current=current, energy_kwh=shown, state=state)
        )
    return readings


@given(readings=lives(), limits=some_limits)
def test_no_total_ever_falls(readings: list[Reading], limits: Limits) -> None:
    """Energy by verdict, idle energy, seconds by basis: whatever registers do."""
    meter: Meter | None = None
    before = None
    for reading in readings:
        meter = fed([reading], limits, meter).meter
        now = meter.totals
        if before is not None:
            assert all(new >= old for old, new in zip(before, now, strict=True))
        before = now
    assert meter is not None
    totals = meter.totals
    assert totals.idle <= totals.measured + totals.bridged + totals.estimated + 1e-3
    assert totals.idle_estimated <= totals.idle + 1e-3


@given(readings=lives(), limits=some_limits)
def test_totals_are_the_sums_of_parts_and_covers(readings: list[Reading], limits: Limits) -> None:
    """A ledger that files parts and covers shows what the counters show; no time is covered twice."""
    result = fed(readings, limits)
    totals = result.meter.totals
    for verdict in ("measured", "bridged", "estimated", "suspect"):
        assert result.kwh(verdict) * JOULES_PER_KWH == pytest.approx(getattr(totals, verdict), rel=1e-9, abs=1e-3)
    for basis in ("measured", "bridged", "estimated", "unknown"):
        assert result.seconds(basis) == pytest.approx(getattr(totals, f"{basis}_seconds"), abs=1e-3)
    edges = [edge for cover in result.covers for edge in (cover.start, cover.end)]
    assert edges == sorted(edges)
    for part in result.parts:
        assert part.start <= part.end
        assert 0.0 <= part.idle_joules <= part.joules * (1 + 1e-9)


@given(readings=lives(), limits=some_limits)
def test_never_more_than_the_limit(readings: list[Reading], limits: Limits) -> None:
    """What is billed is at most what the machine can use in the time, and one count for each register begun again."""
    result = fed(readings, limits)
    seconds = (readings[-1].timestamp - readings[0].timestamp).total_seconds()
    most = LISTED.most_watts if limits is not UNLISTED else UNLISTED.default_watts
    assert most is not None
    by_current = MARGIN * 200.0 / RATING.rated_amperes * most if limits is not UNLISTED else 0.0
    first_meter = 1 + len([r for r in readings if r.energy_kwh is not None])
    assert (
        result.billed * JOULES_PER_KWH
        <= (most + by_current) * seconds + most * LONGEST_PERIOD + first_meter * CREDIT_JOULES
    )


@given(readings=lives(), limits=some_limits, data=st.data())
def test_a_restart_from_the_stored_state_changes_nothing(
    readings: list[Reading], limits: Limits, data: st.DataObject
) -> None:
    """Killed at any moment and taken up from JSON, with the last readings once more: the same meter to the bit."""
    cut = data.draw(st.integers(1, len(readings)))
    again = data.draw(st.integers(0, cut))
    first = fed(readings[:cut], limits).meter
    kept = msgspec.json.decode(msgspec.json.encode(first), type=Meter)
    assert fed(readings[cut - again :], limits, kept).meter == fed(readings, limits).meter


@given(readings=lives(), limits=some_limits, data=st.data())
def test_late_and_repeated_readings_count_once(readings: list[Reading], limits: Limits, data: st.DataObject) -> None:
    """At-least-once delivery costs nobody money."""
    disturbed: list[Reading] = []
    for index, reading in enumerate(readings):
        disturbed.append(reading)
        disturbed += [readings[i] for i in data.draw(st.lists(st.integers(0, index), max_size=3))]
    assert fed(disturbed, limits).meter == fed(readings, limits).meter


@given(
    rises=st.lists(st.tuples(st.integers(1, 600), st.floats(0, 50e3)), min_size=1, max_size=60),
    opening=st.floats(0, 1e7),
)
def test_a_good_register_is_measured_to_the_joule(rises: list[tuple[int, float]], opening: float) -> None:
    """Whatever a machine uses within its limit: the difference of the registers, all of it measured or bridged."""
    values = [(0.0, opening)]
    for seconds, watts in rises:
        at, kwh = values[-1]
        values.append((at + seconds, kwh + watts * seconds / JOULES_PER_KWH))
    result = fed(at_times(values, current=24.0))
    right = (values[-1][1] - opening) * JOULES_PER_KWH
    totals = result.meter.totals
    assert totals.measured + totals.bridged == pytest.approx(right, abs=1.0)
    assert totals.estimated == totals.suspect == 0.0
    assert result.findings == []


@given(start=st.floats(0, 1e5), seconds=st.floats(0, 1e5), joules=st.floats(0, 1e9), share=st.floats(0, 1))
def test_quarter_hours_add_up(start: float, seconds: float, joules: float, share: float) -> None:
    """Energy and time that are cut at quarter hours are the same in sum, and each piece lies in its own."""
    pieces = list(split(EnergyPart(start, start + seconds, joules, joules * share, "bridged")))
    assert sum(piece.joules for _, piece in pieces) == pytest.approx(joules, rel=1e-9)
    assert sum(piece.idle_joules for _, piece in pieces) == pytest.approx(joules * share, rel=1e-9, abs=1e-6)
    for quarter, piece in pieces:
        assert quarter <= piece.start <= piece.end <= quarter + 900.0 or piece.start == piece.end
    covers = list(split_cover(CoverageSpan(start, start + seconds, "measured")))
    assert sum(cover.end - cover.start for _, cover in covers) == pytest.approx(seconds, abs=1e-6)


def by_the_rules_alone(meter: Meter | None, reading: Reading, limits: Limits) -> Step:
    """The step without the way of the ordinary reading."""
    at = reading.timestamp.timestamp()
    if meter is None or at <= meter.at:
        return step(meter, reading, limits)
    return by_the_rules(meter, reading, limits, at)


@given(readings=lives(), limits=some_limits)
def test_the_ordinary_reading_is_what_the_rules_say(readings: list[Reading], limits: Limits) -> None:
    """Written out for speed, it gives the same meter, parts and covers, to the bit."""
    quick = fed(readings, limits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.unit.energytrack.metering.run.step", by_the_rules_alone)
        slow = fed(readings, limits)
    assert quick == slow


@st.composite
def meters(draw: st.DrawFn) -> tuple[list[Reading], float, float]:
    """A good meter of any resolution and refresh that blinks now and then, what was used, and how exact it can be."""
    kw = draw(st.floats(1.0, 12.0))
    resolution = draw(st.sampled_from([0.001, 0.01, 0.1, 1.0]))
    refresh = draw(st.sampled_from([1, 10, 60, 300, 900]))
    every = draw(st.sampled_from([1, 5, 10, 60]))
    start = draw(st.floats(0.0, 1e5))
    count = max(4 * refresh, round(4 * resolution / kw * 3600), 600) // every + 1
    blinks = draw(st.sets(st.integers(2, count - 3), max_size=3))
    readings = []
    for n in range(count):
        at = n * every
        true = start + kw * (at // refresh * refresh) / 3600
        shown = 0.0 if n in blinks and n - 1 not in blinks else math.floor(true / resolution + 1e-6) * resolution
        readings.append((float(at), round(shown, 3)))
    used = kw * readings[-1][0] / 3600
    return at_times(readings, current=kw * AMPERES_AT_8_KW / 8.0), used, 2 * resolution + kw * refresh / 3600


@settings(max_examples=40, deadline=None)
@given(meters())
def test_what_is_booked_is_what_was_used_within_the_resolution(given: tuple[list[Reading], float, float]) -> None:
    """Whatever resolution, refresh and interval a meter has, and although it blinks to zero."""
    readings, used, exactness = given
    outcome = fed(readings, LISTED)
    assert outcome.billed == pytest.approx(used, abs=exactness + 1e-6)
    assert outcome.kwh("suspect") == 0.0
