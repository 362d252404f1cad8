"""`python -m local.lifecycle.keeper`: exports disk usage, and restarts the supervisor if it is killed.

The supervisor restarts every service that ends, including this one; this process watches the supervisor. Only if both
are killed at once, `make up` is needed.
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
"""Options of this process, which a new supervisor must not inherit."""


def main(env: Mapping[str, str]) -> None:
    """Answer scrapes and watch the parent, until stopped or until the parent has to be restarted."""
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
    """In a session of its own, because it ends all remains of the stack, including this process."""
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
