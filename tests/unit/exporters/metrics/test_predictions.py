"""What the model expects and recommends, as series."""

from energytrack.messages import Factor, LikelyComponent, LikelyMode, Recommendation, RemainingLife, StopOption
from testkit.builders.messages import NOW, a_reading, an_insight
from testkit.exporters.devices import a_fleet, after, deliver, record_of, samples


def test_a_probability_that_is_not_known_has_no_series() -> None:
    fleet = a_fleet(a_reading(), an_insight(failure_probability=None, prediction=None))
    assert samples(fleet, "failure_probability_ratio") == {}
    assert samples(fleet, "failure_predicted") == {}


def test_a_recommendation_shows_zero_when_it_was_closed() -> None:
    fleet = a_fleet(a_reading(), an_insight(recommendations=(Recommendation("inspect_24h", ""),)))
    assert samples(fleet, "recommendation_active") == {("cnc-0007", "inspect_24h"): 1.0}
    deliver(fleet, [record_of(an_insight(timestamp=after(1)))], after(1))
    assert samples(fleet, "recommendation_active") == {("cnc-0007", "inspect_24h"): 0.0}


def test_factors_are_those_of_the_latest_insight_and_no_more_than_a_handful() -> None:
    """Series of factors that count no more disappear; a feature that is named twice is one series."""
    names = ("a", "b", "b", "c", "d", "e", "f")
    factors = tuple(Factor(name, 0.1 * number) for number, name in enumerate(names))
    fleet = a_fleet(a_reading(), an_insight(top_factors=factors))
    assert samples(fleet, "failure_factor_ratio").keys() == {("cnc-0007", name) for name in "abcd"}
    deliver(fleet, [record_of(an_insight(timestamp=after(1), top_factors=(Factor("z", -0.2),)))], after(1))
    assert samples(fleet, "failure_factor_ratio") == {("cnc-0007", "z"): -0.2}


def test_what_is_new_and_what_it_may_become_are_series() -> None:
    """They disappear with the insight that said so."""
    modes = (LikelyMode("bearing_wear", 0.7), LikelyMode("other", 0.2))
    fleet = a_fleet(a_reading(), an_insight(novelty=0.62, likely_modes=modes))
    assert samples(fleet, "novelty_ratio") == {("cnc-0007",): 0.62}
    assert samples(fleet, "failure_mode_ratio") == {("cnc-0007", "bearing_wear"): 0.7, ("cnc-0007", "other"): 0.2}
    deliver(fleet, [record_of(an_insight(timestamp=after(1)))], after(1))
    assert samples(fleet, "novelty_ratio") == samples(fleet, "failure_mode_ratio") == {}


def test_remaining_life_has_an_end_only_where_that_is_known() -> None:
    """In seconds; what is not known is absent."""
    fleet = a_fleet(a_reading(), an_insight(remaining_life=RemainingLife(3.0, 14.0)))
    assert samples(fleet, "remaining_life_at_least_seconds") == {("cnc-0007",): 10_800.0}
    assert samples(fleet, "remaining_life_at_most_seconds") == {("cnc-0007",): 50_400.0}
    deliver(fleet, [record_of(an_insight(timestamp=after(1), remaining_life=RemainingLife(168.0)))], after(1))
    assert samples(fleet, "remaining_life_at_most_seconds") == {}
    deliver(fleet, [record_of(an_insight(timestamp=after(2)))], after(2))
    assert samples(fleet, "remaining_life_at_least_seconds") == {}


def test_times_to_stop_and_components_are_series_while_they_are_predicted() -> None:
    """Running on has no time; without options there is no sum, and no zero."""
    options = (StopOption("now", 160.0, NOW), StopOption("run_on", 900.0))
    fleet = a_fleet(a_reading(), an_insight(stop_options=options, likely_components=(LikelyComponent("bearing", 0.8),)))
    assert samples(fleet, "stop_expected_cost") == {("cnc-0007", "now"): 160.0, ("cnc-0007", "run_on"): 900.0}
    assert samples(fleet, "stop_timestamp_seconds") == {("cnc-0007", "now"): NOW.timestamp()}
    assert samples(fleet, "failure_component_ratio") == {("cnc-0007", "bearing"): 0.8}
    deliver(fleet, [record_of(an_insight(timestamp=after(1)))], after(1))
    assert samples(fleet, "stop_expected_cost") == samples(fleet, "failure_component_ratio") == {}
