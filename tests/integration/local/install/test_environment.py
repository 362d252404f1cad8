"""The environment is made once, and again only when its lock file has changed."""

from pathlib import Path

import pytest

from local.install import environment
from local.install.environment import FOR_DEVELOPMENT, FOR_THE_STACK


@pytest.mark.timeout(300)
def test_an_environment_is_current_until_its_lock_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "install_project", lambda *_: None)  # it needs setuptools from the lock
    said: list[str] = []
    (tmp_path / FOR_DEVELOPMENT).write_text("")
    (tmp_path / FOR_THE_STACK).write_text("no-hash-here==1.0\n")
    with pytest.raises(environment.CannotMake, match=r"pip could not install requirements-local\.lock:\n(.|\n)*hash"):
        environment.make(tmp_path, FOR_THE_STACK, say=said.append)
    assert not environment.is_current(tmp_path, FOR_THE_STACK)

    (tmp_path / FOR_THE_STACK).write_text("")
    environment.make(tmp_path, FOR_THE_STACK, say=said.append)
    assert environment.is_current(tmp_path, FOR_THE_STACK)
    assert not environment.is_current(tmp_path, FOR_DEVELOPMENT)

    (tmp_path / FOR_THE_STACK).write_text("# changed\n")
    assert not environment.is_current(tmp_path, FOR_THE_STACK)

    environment.make(tmp_path, FOR_DEVELOPMENT, say=said.append)
    assert environment.is_current(tmp_path, FOR_DEVELOPMENT)
    assert environment.is_current(tmp_path, FOR_THE_STACK)  # the larger set serves the smaller one
