"""Secrets of a site."""

import stat
from dataclasses import replace
from pathlib import Path

from local.lifecycle.supervisord import configuration_path, write_configuration
from local.services.mongo import mongo_service
from local.services.secrets import ML_SIGNING_KEY
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
