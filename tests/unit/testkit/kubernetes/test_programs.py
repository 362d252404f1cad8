"""What builds an API server: its module, what it needs, and what it says where it cannot."""

import subprocess
from pathlib import Path
from typing import Final

import pytest

from testkit.kubernetes import programs
from testkit.kubernetes.definitions import CACHE, WANTED, CannotDownload
from testkit.kubernetes.programs import CannotBuild, ServerPrograms, build, module, why_missing

GO_MOD: Final = """module k8s.io/kubernetes

require golang.org/x/net v0.38.0

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/kubelet => ./staging/src/k8s.io/kubelet
)
"""
GO: Final = """#!/bin/sh
echo "$1 $GOPROXY" >> "{folder}/asked"
case "$1" in
  mod) echo '{{"GoMod": "{folder}/upstream.mod"}}' ;;
  list) [ -z "$OFFLINE" ] || {{ echo "dial tcp: no route to host" >&2; exit 1; }} ;;
  build) [ -z "$BROKEN" ] || {{ echo "undefined: apiserver" >&2; exit 1; }}
    while [ "$1" != -o ]; do shift; done; echo server > "$2" ;;
esac
"""
APT: Final = """#!/bin/sh
[ -z "$OFFLINE" ] || { echo "Unable to fetch some archives" >&2; exit 100; }
touch etcd-server.deb
"""
DPKG: Final = """#!/bin/sh
mkdir -p "$3/usr/bin" && echo etcd > "$3/usr/bin/etcd"
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServerPrograms:
    """Programs in an empty cache, on a computer whose builders only say what they are asked for."""
    (tmp_path / "upstream.mod").write_text(GO_MOD, encoding="utf-8")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in {"go": GO.format(folder=tmp_path), "apt-get": APT, "dpkg-deb": DPKG}.items():
        (tools / name).write_text(text, encoding="utf-8")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    return programs.cached()


def test_kubernetes_own_libraries_are_taken_by_release() -> None:
    lines = module(GO_MOD).splitlines()
    assert "require k8s.io/kubernetes v1.34.4" in lines
    assert "replace k8s.io/api => k8s.io/api v0.34.4" in lines
    assert "replace k8s.io/kubelet => k8s.io/kubelet v0.34.4" in lines
    assert not any("golang.org" in line or "staging" in line for line in lines)


def test_a_module_without_libraries_of_its_own_is_refused() -> None:
    with pytest.raises(CannotBuild, match="names no libraries"):
        module("module k8s.io/kubernetes\n")


def test_all_is_built_from_nothing_and_only_once(made: ServerPrograms, tmp_path: Path) -> None:
    assert not made.server.exists()
    build(made)
    assert made.complete
    assert "require k8s.io/kubernetes" in (made.folder / "source/go.mod").read_text(encoding="utf-8")
    asked = (tmp_path / "asked").read_text(encoding="utf-8").split("\n")
    assert [line.split()[0] for line in asked if line] == ["mod", "list", "build"]
    build(made)
    assert (tmp_path / "asked").read_text(encoding="utf-8").split("\n") == asked


def test_nothing_is_downloaded_while_it_compiles(made: ServerPrograms, tmp_path: Path) -> None:
    """So what fails then is no connection."""
    build(made)
    assert "build off" in (tmp_path / "asked").read_text(encoding="utf-8")


def test_no_connection_and_a_mistake_of_the_compiler_are_told_apart(
    made: ServerPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFLINE", "1")
    with pytest.raises(CannotDownload, match="Unable to fetch some archives"):
        build(made)
    made.store.parent.mkdir(parents=True)
    made.store.touch()
    with pytest.raises(CannotDownload, match="no route to host"):
        build(made)
    monkeypatch.delenv("OFFLINE")
    monkeypatch.setenv("BROKEN", "1")
    with pytest.raises(CannotBuild, match="undefined: apiserver"):
        build(made)
    assert not made.server.exists()
    monkeypatch.delenv("BROKEN")
    build(made)
    assert made.complete


def test_flags_for_go_of_whoever_builds_are_kept(made: ServerPrograms, monkeypatch: pytest.MonkeyPatch) -> None:
    flags: list[str] = []
    run = subprocess.run

    def noted(*arguments: object, **named: object) -> object:
        flags.append(named["env"]["GOFLAGS"])  # type: ignore[index]
        return run(*arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", noted)
    monkeypatch.setenv("GOFLAGS", "-p=1")
    build(made)
    assert "-p=1 -mod=mod -buildvcs=false" in flags


def test_a_test_says_why_it_is_skipped(made: ServerPrograms, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(WANTED, raising=False)
    assert "make test-kubernetes" in why_missing()
    monkeypatch.setenv(WANTED, "1")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert why_missing().startswith("not installed: kubectl, openssl, go, apt-get, dpkg-deb")
    for program in (made.server, made.store):
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch()
    assert why_missing().startswith("not installed: kubectl, openssl (")
