"""The page of an evaluation."""

import pytest

from ml.evaluation.recording import Evaluation
from ml.evaluation.report.page import detection_page, failures_page
from ml.evaluation.results import DetectionReport, FailureReport

pytestmark = pytest.mark.slow


def page_of(evaluation: Evaluation, command: str = "x") -> str:
    if isinstance(evaluation.report, FailureReport):
        return failures_page(evaluation.report, evaluation.trials, command=command)
    assert isinstance(evaluation.report, DetectionReport)
    return detection_page(evaluation.report, evaluation.judged, command=command)


def test_the_page_of_labelled_runs(stretches_found: Evaluation) -> None:
    """Run by run, with the three signals' honest words."""
    page = page_of(stretches_found)
    for word in ("run-3", "Run by run", "temperature, pressure, current alone", "Time from fault to alarm"):
        assert word in page
    assert page.count("data:image/svg+xml;base64,") == page.count("<img") == 3


def test_the_page_of_failures_shows_both_ways_to_divide_them(failures_found: Evaluation) -> None:
    page = page_of(failures_found)
    for word in ("Machines never seen", "Before a failure", "By device type", "press"):
        assert word in page
    assert page.count("data:image/svg+xml;base64,") == page.count("<img") == 8


@pytest.mark.parametrize("found", ["failures_found", "stretches_found"])
def test_a_page_needs_nothing_from_anywhere(found: str, request: pytest.FixtureRequest) -> None:
    page = page_of(request.getfixturevalue(found))
    for outside in ("<script", "http://", "https://", "<link"):
        assert outside not in page


def test_what_somebody_typed_is_text_on_the_page(stretches_found: Evaluation) -> None:
    """A recording's folder may have any name."""
    assert "<b>" not in page_of(stretches_found, command="--recording '<b>plant</b>'")
