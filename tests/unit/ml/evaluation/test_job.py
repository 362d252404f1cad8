"""What stands at the head of a report."""

from ml.evaluation.job import EvaluationJob, about
from ml.models.estimators import VERSIONS
from testkit.builders.messages import NOW
from testkit.builders.recordings import SIGNALS, a_worn_recording


def test_a_report_says_what_was_evaluated_and_on_what_it_was_trained() -> None:
    tested, other = a_worn_recording(devices=3, hours=100), a_worn_recording(devices=2, hours=50)
    head = about(EvaluationJob(tested, learn=(other,), seed=5), NOW, SIGNALS)
    assert (head.recording, head.trained_on) == (tested.name, (other.name,))
    assert (head.machines, head.readings, head.interval_seconds) == (3, 300, 3600.0)
    assert (head.evaluated_at, head.seed, head.signals) == (NOW, 5, SIGNALS)
    assert head.libraries == VERSIONS


def test_a_recording_that_teaches_itself_names_no_other() -> None:
    assert about(EvaluationJob(a_worn_recording(devices=2, hours=50)), NOW, ()).trained_on == ()
