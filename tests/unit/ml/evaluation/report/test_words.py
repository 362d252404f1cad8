"""Sentences about remaining lives and modes."""

import msgspec

from ml.evaluation.report.words import life_in_words, modes_in_words
from ml.measures.failure_modes import ModeQuality
from ml.measures.remaining_life import LifeError, LifeQuality

NAN = float("nan")


def test_each_kind_of_interval_is_a_sentence() -> None:
    said = life_in_words(LifeQuality(168.0, 440, 0.85, 10.0, 17, 1053, 0.789, 24_000, 0.91, 456, 0.877))
    assert said == [
        "Of 440 intervals of remaining life for 80 %, 85 % came true (before 17 failures; median width 10.0 h).",
        "Of 1,053 beginnings of such intervals without an end, 79 % did.",
        "Of 24,000 statements that a machine has longer than the 168 h that the record reaches, 91 % did.",
    ]
    assert life_in_words(LifeQuality(48.0, 0, NAN, NAN, 0, 0, NAN, 0, NAN, 0, NAN)) == []


def test_the_error_is_reported_with_its_cut() -> None:
    """At last rows, where there are machines whose failure came later."""
    life = LifeQuality(210.0, 0, NAN, NAN, 0, 0, NAN, 0, NAN, 0, NAN, LifeError(125.0, 13_096, 20.06, 100, 18.0))
    (said,) = life_in_words(life)
    assert said == (
        "The predicted remaining life of 13,096 rows is off by 20.1 h, 18.0 h at the last row of each of 100 machines "
        "(root mean square; lives cut off at 125 h)."
    )
    (said,) = life_in_words(msgspec.structs.replace(life, error=LifeError(125.0, 13_096, 20.06, 0, NAN)))
    assert "last row" not in said


def test_what_is_not_predicted_is_said() -> None:
    assert life_in_words(None) == ["Remaining life is not predicted: too few failures are on record."]
    assert modes_in_words(None) == []


def test_modes_stand_beside_the_guess_that_needs_no_model() -> None:
    (said,) = modes_in_words(ModeQuality(17, 4, 15, 17, 6))
    assert said == (
        "Of 17 failures with an alarm, the likeliest of 4 modes was right for 15, one of the three likeliest for 17; "
        "the mode that is the most frequent on record, for 6."
    )
