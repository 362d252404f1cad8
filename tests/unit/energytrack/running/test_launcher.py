"""What messages and usage lines tell people to type."""

from pathlib import Path

import pytest

from energytrack.running import launcher


def test_in_a_checkout_it_is_the_launcher() -> None:
    assert launcher.launch_command("control_api link") == "./et control_api link"


def test_where_only_the_packages_are_it_is_the_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(launcher, "LAUNCHER", tmp_path / "et")
    assert launcher.launch_command("control_api link") == "python -m control_api link"
