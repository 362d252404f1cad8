"""What builds a cluster's programs, and what it says where it cannot; test_kubernetes_programs.py tries the builder."""

import os
from pathlib import Path

import pytest

from testkit.kubernetes import cluster_programs
from testkit.kubernetes.cluster_programs import BUILT, WANTED, ClusterPrograms, why_missing
from testkit.kubernetes.definitions import CACHE


def test_nothing_is_complete_before_all_is_built(tmp_path: Path) -> None:
    programs = ClusterPrograms(tmp_path)
    for file in (*(programs[name] for name in BUILT), programs.store, programs.network_plugins / "ptp"):
        assert not ClusterPrograms(tmp_path).complete
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert ClusterPrograms(tmp_path).complete


def test_a_test_says_why_it_is_skipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path))
    monkeypatch.delenv(WANTED, raising=False)
    assert "make test-kubernetes" in why_missing()
    monkeypatch.setenv(WANTED, "1")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert why_missing() == "only root may start a cluster by hand"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert why_missing().startswith("not installed: kubectl, openssl, containerd")
    assert str(cluster_programs.cached().folder).startswith(str(tmp_path))
