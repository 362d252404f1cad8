"""The gate: which challenger replaces the champion, and the words that say why."""

import pytest
from msgspec.structs import replace as changed

from ml.measures.quality import AlarmQuality
from ml.retraining.gate import AGAINST, Contender, Decision, GateTerms, decide

TERMS = GateTerms(false_alarms=1.0)


def a_contender(
    name: str, *, caught: int = 15, events: int = 20, false: int = 10, months: float = 40.0, lead: float = 12.0
) -> Contender:
    """A model with so many false alarms in so many machine-months, each catch so many hours ahead."""
    found = AlarmQuality(
        threshold=0.5, events=events, caught=caught, false_alarms=false, machine_months=months,
        true_alarms=caught, lead_hours=(lead,) * caught,
    )  # fmt: skip
    return Contender(name, found)


def whys(decision: Decision) -> list[str]:
    """The reasons without their words."""
    return [reason.why for reason in decision.reasons]


def test_with_fewer_than_ten_failures_the_champion_stays_whatever_the_challenger_does() -> None:
    """Nine failures decide nothing: chance would."""
    decision = decide(a_contender("old", events=9, caught=0), [a_contender("new", events=9, caught=9, false=0)], TERMS)
    assert (decision.promoted, whys(decision)) == (None, ["too_few_events"])
    assert "with fewer than 10" in decision.reasons[0].text


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"caught": 16}, "more_caught"),
        ({"false": 5}, "fewer_false_alarms"),
        ({"lead": 18.0}, "earlier"),
        ({"caught": 17, "lead": 10.7}, "more_caught"),
    ],
)
def test_who_loses_nowhere_and_wins_somewhere_is_promoted(fields: dict[str, float], why: str) -> None:
    """One thing that operators notice is enough; further catches with a short warning are no loss of warning."""
    decision = decide(a_contender("old"), [a_contender("new", **fields)], TERMS)  # type: ignore[arg-type]
    assert decision.promoted == "new"
    assert why in whys(decision)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"caught": 14, "false": 0}, "fewer_caught"),
        ({"caught": 20, "false": 50}, "more_false_alarms"),
        ({"false": 0, "lead": 8.0}, "later"),
        ({}, "no_better"),
        ({"false": 10, "lead": 12.5}, "no_better"),
    ],
)
def test_who_loses_anywhere_stays_out_and_so_does_who_is_the_same(fields: dict[str, float], why: str) -> None:
    """A win in one respect does not buy off a loss in another."""
    decision = decide(a_contender("old"), [a_contender("new", **fields)], TERMS)  # type: ignore[arg-type]
    assert (decision.promoted, whys(decision)) == (None, [why])


def test_false_alarms_within_the_budget_may_rise_for_more_catches() -> None:
    """The budget is what the plant said that it can bear."""
    decision = decide(a_contender("old", false=4), [a_contender("new", false=38, caught=18)], TERMS)
    assert decision.promoted == "new"


def test_a_champion_over_the_budget_may_be_replaced_by_one_that_is_no_worse() -> None:
    """Otherwise a plant with a noisy champion would be stuck with it."""
    decision = decide(a_contender("old", false=80), [a_contender("new", false=60)], TERMS)
    assert (decision.promoted, whys(decision)) == ("new", ["fewer_false_alarms"])


def test_of_two_that_pass_the_one_that_catches_more_is_taken() -> None:
    """Then the one with fewer false alarms."""
    more, fewer = a_contender("forest", caught=18), a_contender("boosting", caught=17, false=2)
    assert decide(a_contender("old"), [fewer, more], TERMS).promoted == "forest"
    quiet = a_contender("quiet", caught=18, false=8)
    assert decide(a_contender("old"), [fewer, more, quiet], TERMS).promoted == "quiet"


def test_the_first_model_must_be_good_enough_by_itself() -> None:
    """Without a champion: within the budget, and half of the failures caught."""
    assert whys(decide(None, [a_contender("new")], TERMS)) == ["no_champion"]
    assert whys(decide(None, [a_contender("new", caught=9)], TERMS)) == ["fewer_caught"]
    loud = decide(None, [a_contender("new", false=41)], TERMS)
    assert (loud.promoted, whys(loud)) == (None, ["more_false_alarms"])


def test_every_challenger_gets_its_reasons_in_words() -> None:
    """So that a record can be read by who was not there."""
    decision = decide(a_contender("old"), [a_contender("forest", caught=14), a_contender("boosting", caught=14)], TERMS)
    assert [reason.about for reason in decision.reasons] == ["forest", "boosting"]
    assert all(reason.why in AGAINST for reason in decision.reasons)
    assert decision.reasons[0].text == "14 of 20 failures caught instead of 15"


def test_nothing_to_judge_promotes_nothing() -> None:
    """No challenger could be trained."""
    assert decide(a_contender("old"), [], TERMS).promoted is None


@pytest.mark.parametrize(("cost", "why"), [(40.0, "costs_less"), (60.0, "costs_more"), (49.0, "no_better")])
def test_where_costs_are_known_they_decide(cost: float, why: str) -> None:
    """A failure missed, or caught, counts by what it costs."""
    decision = decide(
        changed(a_contender("old"), cost_per_month=50.0),
        [changed(a_contender("new", caught=14, lead=10.0), cost_per_month=cost)],
        TERMS,
    )
    assert whys(decision) == [why]
    assert decision.promoted == ("new" if why == "costs_less" else None)


def test_no_saving_excuses_more_false_alarms_than_the_budget() -> None:
    cheap = changed(a_contender("new", false=80), cost_per_month=1.0)
    assert whys(decide(changed(a_contender("old"), cost_per_month=50.0), [cheap], TERMS)) == ["more_false_alarms"]


def test_of_several_the_cheapest_wins() -> None:
    first, second = (changed(a_contender(name), cost_per_month=cost) for name, cost in (("a", 30.0), ("b", 20.0)))
    assert decide(changed(a_contender("old"), cost_per_month=50.0), [first, second], TERMS).promoted == "b"


def test_a_cost_that_is_not_known_is_not_the_lowest() -> None:
    """Absent is not zero."""
    priced = changed(a_contender("told", caught=12), cost_per_month=30.0)
    assert decide(None, [a_contender("untold"), priced], TERMS).promoted == "told"
