"""`./et local status`: what it shows of a service that nobody can ask and that listens nowhere."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from energytrack.centre.settings import CentreSettings
from local.lifecycle.supervisord import Process
from local.site import Site
from local.terminal.status import _cells, look

RUNNING: Final = Process("mirror", "RUNNING", os.getpid(), started=0, seconds=60, exit_code=0)
FAILED: Final = replace(RUNNING, state="BACKOFF", pid=0)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return replace(Site(var=tmp_path), centre=CentreSettings(plant="plant-a", kafka_servers="127.0.0.1:9"))


@pytest.mark.parametrize(("process", "state"), [(RUNNING, "ready"), (FAILED, "backoff")])
def test_a_service_without_a_port_is_as_its_process_is(site: Site, process: Process, state: str) -> None:
    (seen,) = look(site, {"mirror": process})
    name, shown, port, *_ = _cells(site, seen)
    assert (name, str(shown), port) == ("mirror", state, "")


def test_it_has_a_line_too_where_the_supervisor_is_away(site: Site) -> None:
    (seen,) = [each for each in look(site, None) if each.service.name == "mirror"]
    assert seen.state == "not running"
