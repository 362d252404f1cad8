"""An evaluation on disk."""

import json
from pathlib import Path

import pytest

from ml.evaluation.recording import Evaluation
from ml.evaluation.report import files
from ml.evaluation.report.files import write_report

pytestmark = pytest.mark.slow


def test_what_was_found_lies_beside_its_page(failures_found: Evaluation, tmp_path: Path) -> None:
    """The folder is made where it is not there."""
    written = write_report(failures_found, tmp_path / "new" / "folder", command="python -m ml.evaluate --recording x")
    assert written == "evaluation.json and evaluation.html"
    assert json.loads((tmp_path / "new" / "folder" / "evaluation.json").read_text())["type"] == "failures"
    assert "python -m ml.evaluate --recording x" in (tmp_path / "new" / "folder" / "evaluation.html").read_text()


def test_without_the_library_for_pictures_there_is_json(
    stretches_found: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what to install for the page is said."""
    monkeypatch.setattr(files, "find_spec", lambda _name: None)
    assert "energytrack[report]" in write_report(stretches_found, tmp_path, command="x")
    assert [file.name for file in tmp_path.iterdir()] == ["evaluation.json"]


def test_where_drawing_fails_no_half_of_a_report_is_left_behind(
    failures_found: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> str:
        raise RuntimeError("no such font")

    monkeypatch.setattr(files, "_page", fails)
    with pytest.raises(RuntimeError):
        write_report(failures_found, tmp_path, command="x")
    assert list(tmp_path.iterdir()) == []
