"""Production holds whatever readings, events and reasons come: every moment counts once, and nothing unknown counts."""

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from energytrack.events import DeviceEvent
from energytrack.fields import STATES
from energytrack.production.oee import NOTHING, Amounts, Kind, together
from energytrack.production.rules import ProductionRules
from energytrack.production.spans import Span, common, seconds, union, without
from energytrack.production.spells import Spell
from energytrack.production.stops import explained, pareto, planned_down, stops_of
from energytrack.production.timeline import timeline
from testkit.builders.messages import NOW, an_event

AT = NOW.timestamp()
UNTIL = AT + 10_000.0

moments = st.integers(0, 10_000)
spans = st.lists(st.tuples(moments, moments).map(lambda pair: (float(min(pair)), float(max(pair)))), max_size=8)


@st.composite
def spells(draw: st.DrawFn) -> list[Spell]:
    """Spells as readings give them: in order, some with gaps between them."""
    cuts = sorted(draw(st.sets(moments, max_size=12)))
    return [
        Spell(AT + start, AT + end, draw(st.sampled_from(STATES)))
        for start, end in itertools.pairwise(cuts)
        if draw(st.booleans())
    ]


kinds = st.sampled_from(["failure", "maintenance_started", "maintenance_done"])
events = st.lists(
    st.tuples(kinds, moments).map(
        lambda each: an_event(each[0], event_id=f"{each}", timestamp=NOW + timedelta(seconds=each[1]))
    ),
    max_size=6,
)
amounts = st.builds(
    lambda known, unknown, share, parts, good: Amounts(
        planned_seconds=known + unknown, unknown_seconds=unknown, running_seconds=known * share,
        counted_seconds=known * share, ideal_seconds=known * share, parts=parts, judged_parts=parts,
        good_parts=parts * good,
    ),
    st.floats(1.0, 1e5), st.floats(0.0, 1e5), st.floats(0.0, 1.0), st.floats(0.0, 1e4), st.floats(0.0, 1.0),
)  # fmt: skip


@given(spans, spans)
def test_what_is_common_and_what_is_not_are_the_whole(some: list[Span], others: list[Span]) -> None:
    first, second = union(some), union(others)
    assert seconds(common(first, second)) + seconds(without(first, second)) == seconds(first)
    assert common(first, second) == common(second, first)


@given(spells(), events)
def test_every_moment_is_in_one_spell_at_most(reported: list[Spell], happened: list[DeviceEvent]) -> None:
    found = timeline(reported, happened, until=UNTIL)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    assert seconds(union((each.start, each.end) for each in found)) == sum(each.seconds for each in found)


@given(spells(), events, spans)
def test_stops_lie_in_planned_time_and_apart_from_work(
    reported: list[Spell], happened: list[DeviceEvent], shifts: list[Span]
) -> None:
    """Overlapping stops are one: together they never take more than the planned time without work."""
    planned = union((AT + start, AT + end) for start, end in shifts)
    found = timeline(reported, happened, until=UNTIL)
    stops = stops_of(found, planned, until=UNTIL)
    pieces = [piece for stop in stops for piece in stop.pieces]
    assert seconds(union(pieces)) == sum(stop.seconds for stop in stops)
    assert without(union(pieces), planned) == ()
    running = union((each.start, each.end) for each in found if each.state == "running")
    assert common(union(pieces), running) == ()
    every = explained(stops, [], ProductionRules())
    assert without(union(planned_down(every)), union(pieces)) == ()
    losses = pareto(every)
    assert sum(loss.stops for loss in losses) == len(stops)
    assert not losses or abs(losses[-1].cumulative - 1.0) < 1e-9


@given(amounts)
def test_availability_and_quality_are_shares(one: Amounts) -> None:
    assert one.availability is None or 0.0 <= one.availability <= 1.0 + 1e-9
    assert one.quality is None or 0.0 <= one.quality <= 1.0 + 1e-9


@given(st.lists(amounts, min_size=1, max_size=5))
def test_the_oee_of_a_kind_lies_between_those_of_its_machines(machines: list[Amounts]) -> None:
    """Each of its ratios does; time that nobody knows changes none of them."""
    kind = Kind("press")
    whole = together((kind, each) for each in machines)[kind].complete
    for ratio in ("availability", "quality"):
        each = [value for one in machines if one.oee is not None and (value := getattr(one, ratio)) is not None]
        if each and (value := getattr(whole, ratio)) is not None:
            assert min(each) - 1e-9 <= value <= max(each) + 1e-9
    assert sum(machines, NOTHING).planned_seconds >= whole.planned_seconds - 1e-6
