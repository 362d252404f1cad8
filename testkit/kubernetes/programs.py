"""What an API server of Kubernetes is made of: built once by Go and unpacked from Debian's packages, then cached."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from testkit.kubernetes.definitions import CACHE, WANTED, CannotDownload

VERSION: Final = "1.34.4"
SERVER: Final = "k8s.io/kubernetes/cmd/kube-apiserver"
STORE: Final = "etcd-server"
"""Debian's package, unpacked beside the server: installed, it would start by itself."""
NEEDED: Final = ("kubectl", "openssl")
BUILDERS: Final = ("go", "apt-get", "dpkg-deb")
BUILD_SECONDS: Final = 3600
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class CannotBuild(Exception):
    """A program could not be built or unpacked; the message is what the compiler said last."""


@dataclass(frozen=True)
class ServerPrograms:
    """A folder with all of them, built or not."""

    folder: Path

    @property
    def server(self) -> Path:
        """The API server."""
        return self.folder / "kube-apiserver"

    @property
    def store(self) -> Path:
        """Where it keeps its objects."""
        return self.folder / "debian/usr/bin/etcd"

    @property
    def complete(self) -> bool:
        """Whether there is nothing left to build."""
        return all(each.exists() for each in (self.server, self.store))


def cached() -> ServerPrograms:
    """The programs of this version."""
    return ServerPrograms(cache_folder() / f"server-{VERSION}")


def cache_folder() -> Path:
    """Where all that is built or downloaded is kept."""
    return Path(os.environ.get(CACHE) or Path.home() / ".cache/energytrack/kubernetes")


def why_missing() -> str:
    """Why no API server can be had here, and what brings one; empty where it can."""
    if WANTED not in os.environ:
        return "an API server is tried by `make test-kubernetes`: it takes Go and some minutes, once"
    needed = NEEDED if cached().complete else NEEDED + BUILDERS
    absent = [program for program in needed if shutil.which(program) is None]
    return f"not installed: {', '.join(absent)} (Go 1.24 or newer, on Debian or Ubuntu)" if absent else ""


def build(programs: ServerPrograms) -> None:
    """Build and unpack what is missing; raises CannotDownload or CannotBuild. Who comes meanwhile waits."""
    with alone(programs.folder):
        if not programs.store.exists():
            unpack(programs.store.parents[2], STORE)
        if not programs.server.exists():
            source = programs.folder / "source"
            write_module(source)
            compile_program(source, SERVER, programs.server)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """While nobody else builds in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def module(upstream: str, others: Mapping[str, str] = NOTHING) -> str:
    """The go.mod of a module that can build Kubernetes, from that of Kubernetes, and other modules by their versions.

    There, each of its libraries is replaced by a folder of the repository; here by the library's release.
    """
    own = [line.split()[0] for line in upstream.splitlines() if "=> ./staging/" in line]
    if not own:
        raise CannotBuild("Kubernetes' go.mod names no libraries of its own")
    release = VERSION.replace("1.", "0.", 1)
    required = {"k8s.io/kubernetes": VERSION, **others}
    lines = ["module energytrack.example/kubernetes", "", "go 1.24.0", ""]
    lines += [f"require {name} v{version}" for name, version in required.items()]
    return "\n".join([*lines, "", *(f"replace {name} => {name} v{release}" for name in own)]) + "\n"


def write_module(source: Path, others: Mapping[str, str] = NOTHING) -> None:
    """Make a folder the module that can build Kubernetes."""
    source.mkdir(exist_ok=True)
    said = _go(source, "mod", "download", "-json", f"k8s.io/kubernetes@v{VERSION}")
    described: Mapping[str, str] = json.loads(said)
    upstream = Path(described["GoMod"]).read_text(encoding="utf-8")
    (source / "go.mod").write_text(module(upstream, others), encoding="utf-8")


def compile_program(source: Path, package: str, into: Path) -> None:
    """Compile a package of the module, or of one that it requires."""
    _go(source, "list", "-deps", package)  # downloads all that it is made of: from here on, nothing is missing
    unfinished = into.with_suffix(".part")
    where = "k8s.io/component-base/version"  # without it, Kubernetes' programs call themselves v0.0.0
    build = ("build", "-trimpath", "-ldflags", f"-s -w -X {where}.gitVersion=v{VERSION}", "-o", str(unfinished))
    _go(source, *build, package, failure=CannotBuild, GOPROXY="off")
    unfinished.replace(into)


def unpack(folder: Path, *packages: str) -> None:
    """Unpack Debian's packages: installed, servers would start by themselves."""
    folder.mkdir(exist_ok=True)
    _run(folder, "apt-get", "download", "--quiet", *packages, failure=CannotDownload)
    for package in folder.glob("*.deb"):
        _run(folder, "dpkg-deb", "--extract", str(package), str(folder), failure=CannotBuild)
        package.unlink()


def _go(folder: Path, *arguments: str, failure: type[Exception] = CannotDownload, **settings: str) -> str:
    flags = f"{os.environ.get('GOFLAGS', '')} -mod=mod -buildvcs=false".lstrip()
    env = {"GOFLAGS": flags, "CGO_ENABLED": "0", **settings}
    return _run(folder, "nice", "go", *arguments, failure=failure, **env)


def _run(folder: Path, *command: str, failure: type[Exception], **settings: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **settings}, capture_output=True, text=True, check=False,
        timeout=BUILD_SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise failure(f"{' '.join(command)}:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout
