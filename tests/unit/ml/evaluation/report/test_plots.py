"""Pictures of an evaluation."""

from base64 import b64decode

import numpy as np
import pytest

from ml.evaluation.recording import Evaluation
from ml.evaluation.report import plots

pytestmark = pytest.mark.slow

TYPE = "data:image/svg+xml;base64,"


def drawn(picture: str) -> str:
    """The SVG in a data URI."""
    assert picture.startswith(TYPE)
    return b64decode(picture.removeprefix(TYPE)).decode()


def test_a_curve_stands_for_each_contender_and_only_models_are_coloured() -> None:
    label, rng = np.array([0, 1] * 50), np.random.default_rng(0)
    said = {name: (label, label * 0.4 + rng.uniform(0, 0.6, 100)) for name in ("random forest", "threshold rule")}
    svg = drawn(plots.precision_recall(said, models=1))
    assert "random forest" in svg
    assert "threshold rule" in svg
    assert plots.COLOURS[0] in svg
    assert plots.COLOURS[1] not in svg


def test_missed_failures_are_shown_beside_those_that_were_caught(failures_found: Evaluation) -> None:
    trial = failures_found.trials[0]
    alarms = [part.alarms(plots.STRICT) for part in next(iter(trial.parts.values()))]
    missed = sum(one.events - one.caught for one in alarms)
    assert f"hatched: {missed} missed" in drawn(plots.lead_times(trial))


def test_the_example_of_a_failure_is_a_machine_that_failed(failures_found: Evaluation) -> None:
    trial = failures_found.trials[0]
    picture, device = plots.run_up(trial)
    (part, *_) = next(iter(trial.parts.values()))
    failed = {part.test.devices[index] for index in part.test.events[:, 0].tolist()}
    assert device in failed
    assert "alarm threshold" in drawn(picture)


def test_the_example_of_a_run_holds_what_was_labelled(stretches_found: Evaluation) -> None:
    judged = next(iter(stretches_found.judged.values()))
    picture, device = plots.example_run(judged)
    index = judged.table.devices.index(device)
    assert (judged.table.label[judged.table.device == index] == 1).any()
    assert "labelled abnormal" in drawn(picture)


def test_the_same_evaluation_is_the_same_picture(stretches_found: Evaluation) -> None:
    """No date and no random id in it, so that a committed page changes only where its numbers do."""
    judged = next(iter(stretches_found.judged.values()))
    assert plots.example_run(judged) == plots.example_run(judged)


@pytest.mark.parametrize("models", [1, 2])
def test_what_happened_stands_over_what_was_said(failures_found: Evaluation, models: int) -> None:
    svg = drawn(plots.reliability(failures_found.trials[0], models))
    assert "perfectly calibrated" in svg
    assert svg.count("random forest") == 1
