"""Files that are replaced as a whole."""

from pathlib import Path

import pytest

from energytrack.replacing import replacing


def test_the_new_file_is_there_once_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_after_an_error_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="disk full"):
        _write_half(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def _write_half(path: Path) -> None:
    with replacing(path) as file:
        file.write(b"ne")
        raise OSError("disk full")
