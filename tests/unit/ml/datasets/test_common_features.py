"""What recordings have in common."""

import pytest

from energytrack.recording import Recording
from ml.datasets.common_features import IncompatibleRecordings, SameMachines, common_spec
from testkit.builders.recordings import labelled_runs


def test_a_machine_is_not_tested_on_what_it_taught(recording: Recording) -> None:
    """The same machine at the same time in both is refused, and so are recordings of two sorts."""
    with pytest.raises(SameMachines, match=r"cnc-0000.*different machines of one name"):
        common_spec([recording], recording)
    with pytest.raises(IncompatibleRecordings, match="labelled ranges"):
        common_spec([labelled_runs()], recording)
