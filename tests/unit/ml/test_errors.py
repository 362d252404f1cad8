"""What goes wrong with models, in words for whoever reads the log."""

from typing import get_args

from ml.errors import MISMATCHES, REASONS, ArtifactMismatch, LeakySplit, Mismatch, TooFewExamples


def test_every_reason_for_a_refusal_has_words() -> None:
    """Metrics count by the code, people read the words."""
    assert set(MISMATCHES) == set(REASONS) == set(get_args(Mismatch))
    assert len(set(REASONS.values())) == len(REASONS)


def test_a_refusal_names_the_file_what_was_expected_and_what_was_found() -> None:
    refused = ArtifactMismatch("var/failure_model.pkl", "checksum", "3f9a", "77aa")
    assert str(refused) == (
        "var/failure_model.pkl was refused and not opened (checksum differs: expected 3f9a, found 77aa)"
    )


def test_a_history_without_examples_says_which_part_lacks_them_and_what_to_do() -> None:
    assert "for calibration" in str(TooFewExamples("calibration"))
    assert "longer history" in str(TooFewExamples("calibration"))
    assert "only one run" in str(TooFewExamples("training", "only one run"))


def test_a_leaky_split_names_a_machine() -> None:
    assert "cnc-0007" in str(LeakySplit("random", "cnc-0007"))
