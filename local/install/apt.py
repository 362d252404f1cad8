"""Install missing programs with apt, or print the command for it. Standard library only."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local.install.programs import Program

INSTALL: Final = ("apt-get", "install", "--yes", "--no-install-recommends")
POLICY: Final = Path("/usr/sbin/policy-rc.d")
"""Debian's policy script: while it exits with 101, newly installed packages do not start their services."""


class CannotInstall(Exception):
    """Programs are missing and could not be installed, or this process lacks the permission.

    The message says what to do.
    """


def install(programs: Sequence[Program], *, packages: Iterable[str] = ()) -> None:
    """Install programs and further packages quietly; raises CannotInstall if that is impossible."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise CannotInstall(line_to_type(programs, packages=packages, root=os.geteuid() == 0))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet"], env=environment, capture_output=True, check=False)
    wanted = [*(_best_package(program) for program in programs), *packages]
    with _services_kept_off():
        done = subprocess.run([*INSTALL, *wanted], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        output = (done.stdout + done.stderr).strip()[-1500:]
        raise CannotInstall(f"apt could not install {' '.join(wanted)}:\n{output}")
    services = _services(programs)
    if services and shutil.which("systemctl"):
        subprocess.run(["systemctl", "disable", "--quiet", *services], capture_output=True, check=False)


def line_to_type(programs: Sequence[Program], *, packages: Iterable[str] = (), root: bool = False) -> str:
    """What is missing, and the command that installs it without letting its services take the stack's ports."""
    sudo = "" if root else "sudo "
    names = ", ".join([*(program.name for program in programs), *packages])
    command = " ".join([sudo + INSTALL[0], *INSTALL[1:], *(program.packages[0] for program in programs), *packages])
    services = _services(programs)
    if services:
        command += f" && {sudo}systemctl disable --now {' '.join(services)}"
    return f"Missing: {names}. Install with:  {command}"


def _services(programs: Iterable[Program]) -> list[str]:
    return sorted({service for program in programs for service in program.services})


def _best_package(program: Program) -> str:
    """The first of a program's packages that this release has."""
    for package in program.packages:
        shown = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
        if shown.returncode == 0:
            return package
    return program.packages[0]


@contextmanager
def _services_kept_off() -> Iterator[None]:
    """While the context lasts, newly installed packages do not start their services."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
