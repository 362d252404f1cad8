"""`python -m local.lifecycle.keeper`: shows how full the disk is, and brings the supervisor back if it is killed.

The supervisor starts whatever ends, this process among it; this process sees to the supervisor. Only where both are
killed at once does somebody have to say `make up`.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

import structlog

from energytrack.running.service import entry, running
from energytrack.settings import DiskSettings, ServiceSettings, read_all
from exporters.disk import NAME, DiskCollector
from local.site import ROOT

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 0.5
OWN: Final = frozenset({"ENERGYTRACK_METRICS_PORT", "ENERGYTRACK_DISK_FOLDERS"})
"""What this process was told for itself, and a new supervisor must not pass on."""


def main(env: Mapping[str, str]) -> None:
    """Answer scrapes and watch the parent, until told to stop or until there is a parent to bring back."""
    supervisor = os.getppid()
    common, disks = read_all(env, ServiceSettings, DiskSettings)
    with running(NAME, common) as service:
        service.registry.register(DiskCollector(disks, service.clock))
        service.ready()
        while not service.pause(LOOK_SECONDS):
            if os.getppid() != supervisor:
                log.error("the supervisor is gone, starting the stack again", pid=supervisor)
                start_again(env)
                return


def start_again(env: Mapping[str, str]) -> None:
    """In a session of its own, because everything that is left of the stack, this process too, is ended by it."""
    subprocess.Popen(
        [sys.executable, "-m", "local", "again"],
        cwd=ROOT,
        env={name: value for name, value in env.items() if name not in OWN},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    entry(main)
