from pathlib import Path

import pytest

from control_api.web import assets


def test_files_are_there_when_all_are_in_the_versions_of_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new lock file means that they are fetched again."""
    monkeypatch.setattr(assets, "VENDOR", tmp_path)
    assert not assets.are_there()
    for file in assets.FILES:
        assets.vendor_path(file).touch()
    (tmp_path / "package-lock.json").write_bytes((assets.HERE / "package-lock.json").read_bytes())
    assert assets.are_there()
    (tmp_path / "package-lock.json").write_text("{}", encoding="utf-8")
    assert not assets.are_there()


def test_the_versions_are_pinned_by_hash() -> None:
    lock = (assets.HERE / "package-lock.json").read_text(encoding="utf-8")
    assert lock.count('"integrity": "sha512-') >= len({file.split("/")[0] for file in assets.FILES})
