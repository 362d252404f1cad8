"""An evaluation's tables in a terminal."""

from io import StringIO

import pytest
from msgspec.structs import replace
from rich.console import Console

from ml.evaluation.recording import Evaluation
from ml.evaluation.report.terminal import print_detection, print_failures
from ml.evaluation.results import DetectionReport, FailureReport

pytestmark = pytest.mark.slow


def console() -> Console:
    return Console(width=200, record=True, file=StringIO())


def test_each_split_has_a_table_with_every_contender(failures_found: Evaluation) -> None:
    report, out = failures_found.report, console()
    assert isinstance(report, FailureReport)
    time, machine = report.sections
    print_failures(replace(report, sections=(time, replace(machine, gate="random forest stays"))), out)
    printed = out.export_text()
    for word in ("time", "machine", "random forest", "threshold rule", "gate: random forest stays"):
        assert word in printed
    one = report.sections[0].verdicts[0].alarms[1]
    assert f"{one.caught} of {one.events}" in printed


def test_what_could_not_be_measured_is_said_in_place_of_a_table(failures_found: Evaluation) -> None:
    report, out = failures_found.report, console()
    assert isinstance(report, FailureReport)
    section = replace(report.sections[0], problem="too few examples", verdicts=())
    print_failures(replace(report, sections=(section,)), out)
    printed = out.export_text()
    assert "not measured: too few examples" in printed
    assert "PR-AUC" not in printed


def test_each_run_has_a_line(stretches_found: Evaluation) -> None:
    """With how soon its fault was noticed, or that it was missed."""
    report, out = stretches_found.report, console()
    assert isinstance(report, DetectionReport)
    first, *others = report.contenders[0].runs
    runs = (replace(first, detected=replace(first.detected, noticed=0)), *others)
    print_detection(replace(report, contenders=(replace(report.contenders[0], runs=runs),)), out)
    printed = out.export_text()
    assert f"{first.device_id}: F1" in printed
    assert printed.count("missed") == 1
    assert printed.count("detected after") == len(others)
    assert "three signals" in printed
