"""Secrets of a site."""

import secrets
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from local.lifecycle.supervisord import configuration_path, write_configuration
from local.services.mongo import mongo_service
from local.services.secrets import ML_SIGNING_KEY, kept_in
from local.site import Site


def test_secrets_are_made_once_and_readable_by_this_user_only(tmp_path: Path) -> None:
    site = Site(var=tmp_path)
    service = replace(mongo_service(site), secrets=(ML_SIGNING_KEY,))
    write_configuration(site, [service])
    first = configuration_path(site).read_text()
    write_configuration(site, [service])
    assert configuration_path(site).read_text() == first
    key = tmp_path / "secrets" / "ml_signing_key"
    assert len(key.read_text()) >= 32
    assert key.read_text() in first
    for path, mode in ((key, 0o600), (key.parent, 0o700), (configuration_path(site), 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_secret_is_made_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file would count as the secret for ever."""

    def full_disk(_: int) -> str:
        raise OSError("No space left on device")

    file = tmp_path / "secrets" / "key"
    with monkeypatch.context() as full:
        full.setattr(secrets, "token_urlsafe", full_disk)
        with pytest.raises(OSError, match="No space left"):
            kept_in(file)
    assert list(file.parent.iterdir()) == []
    assert len(kept_in(file)) == 43
    assert list(file.parent.iterdir()) == [file]


def test_of_two_that_make_it_at_once_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"

    def slower(_: int) -> str:
        file.write_text("the other's")
        return "ours"

    monkeypatch.setattr(secrets, "token_urlsafe", slower)
    assert kept_in(file) == "the other's"
    assert list(tmp_path.iterdir()) == [file]
