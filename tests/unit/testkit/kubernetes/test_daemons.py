"""Programs of a cluster are short commands here: what is said of one that fails."""

from pathlib import Path

import pytest

from testkit.kubernetes.daemons import ClusterFailed, run


def test_what_a_command_printed_is_returned() -> None:
    assert run(("cat",), text="given") == "given"


def test_a_command_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ClusterFailed, match="No such file"):
        run(("ls", tmp_path / "absent"))
