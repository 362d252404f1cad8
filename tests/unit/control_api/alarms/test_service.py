"""What an alarm keeps of the model's reasons."""

from control_api.alarms.service import reasons_in_words
from energytrack.messages import Factor
from testkit.builders.messages import an_insight

FACTORS = (Factor("codes_24h", 0.4, "3 warning codes in 24 h"), Factor("age", 0.2), Factor("x", 0.1), Factor("y", 0.1))


def test_what_the_machine_resembles_comes_first() -> None:
    """Then the strongest factors; nobody reads more than three."""
    insight = an_insight(top_factors=FACTORS, likeness="Like earlier failures: bearing wear.")
    assert reasons_in_words(insight) == ("Like earlier failures: bearing wear", "3 warning codes in 24 h", "age")
    assert reasons_in_words(an_insight(top_factors=FACTORS)) == ("3 warning codes in 24 h", "age", "x")
    assert reasons_in_words(an_insight()) == ()
