"""What holds for the gate whatever the numbers are."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ml.measures.quality import AlarmQuality
from ml.retraining.gate import Contender, GateTerms, decide

TERMS = GateTerms(false_alarms=1.0)


@st.composite
def contenders(draw: st.DrawFn, *, events: int = 20) -> Contender:
    """Any model on a block of so many failures."""
    lead = draw(st.lists(st.floats(0.01, 24.0), max_size=events))
    false = draw(st.integers(0, 200))
    found = AlarmQuality(
        threshold=0.5, events=events, caught=len(lead), false_alarms=false, machine_months=50.0,
        true_alarms=len(lead), lead_hours=tuple(lead),
    )  # fmt: skip
    return Contender(draw(st.sampled_from(("a", "b", "c"))), found)


costs = st.tuples(st.floats(0.0, 1e6), st.floats(0.0, 1e6))


@given(contenders(), contenders(), costs)
def test_nor_do_they_where_costs_are_known(one: Contender, other: Contender, cost: tuple[float, float]) -> None:
    """What costs less cannot cost more."""
    there = decide(replace(one, cost_per_month=cost[0]), [Contender("new", other.alarms, cost[1])], TERMS).promoted
    back = decide(replace(other, cost_per_month=cost[1]), [Contender("new", one.alarms, cost[0])], TERMS).promoted
    assert not (there and back)


@given(contenders(), contenders())
def test_two_models_never_replace_each_other_by_turns(one: Contender, other: Contender) -> None:
    """Otherwise every retraining would swap them."""
    there = decide(one, [Contender("new", other.alarms)], TERMS).promoted
    back = decide(other, [Contender("new", one.alarms)], TERMS).promoted
    assert not (there and back)


@given(contenders(), contenders())
def test_what_is_promoted_misses_no_more_and_costs_no_more_than_allowed(one: Contender, other: Contender) -> None:
    """Whoever passes catches as many, and keeps to the budget or to what the champion costs."""
    if decide(one, [Contender("new", other.alarms)], TERMS).promoted:
        assert other.alarms.caught >= one.alarms.caught
        assert other.alarms.false_per_month <= max(1.0, 1.1 * one.alarms.false_per_month) + 1e-9


@given(contenders(events=9), contenders(events=9))
def test_too_few_failures_never_promote(one: Contender, other: Contender) -> None:
    """Nor do they promote a first model."""
    assert decide(one, [other], TERMS).promoted is None
    assert decide(None, [other], TERMS).promoted is None


@given(st.one_of(st.none(), contenders()), contenders())
def test_whoever_stays_out_has_a_reason(champion: Contender | None, challenger: Contender) -> None:
    """And whoever gets in, too."""
    assert decide(champion, [challenger], TERMS).reasons
