"""The lock files: what is tested is what runs, every file by its hash, from whichever index a person has."""

import pytest

from local.install.environment import FOR_DEVELOPMENT, FOR_THE_STACK
from local.site import ROOT


def pinned(lock: str) -> set[str]:
    lines = (ROOT / lock).read_text().splitlines()
    return {line.split(" ")[0] for line in lines if "==" in line and line[:1].isalnum()}


def test_what_is_tested_is_what_runs() -> None:
    assert pinned("requirements.lock") <= pinned(FOR_THE_STACK) <= pinned(FOR_DEVELOPMENT)


@pytest.mark.parametrize("lock", ["requirements.lock", FOR_THE_STACK, FOR_DEVELOPMENT])
def test_every_pin_has_hashes_and_no_lock_names_an_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert len(pinned(lock)) > 50
    assert len(pinned(lock)) <= text.count("--hash=sha256:")
    assert "://" not in text
