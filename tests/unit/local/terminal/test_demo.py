"""What is printed about a start."""

from dataclasses import replace
from pathlib import Path

import pytest

from local.lifecycle.progress import StepProgress
from local.lifecycle.supervisord import Process
from local.site import Site
from local.terminal.demo import access_note, any_pipeline_service_ready, not_running

SITE = Site(var=Path("/srv/var"))


def a_process(name: str, state: str) -> Process:
    return Process(name, state, pid=1, started=1, seconds=1, exit_code=0)


def test_a_service_that_is_down_is_named() -> None:
    processes = [a_process("kafka", "RUNNING"), a_process("historian", "BACKOFF"), a_process("replay", "STARTING")]
    assert not_running(processes) == ["historian"]


def test_a_stack_without_any_service_of_the_pipeline_is_stopped_again() -> None:
    rows = {
        "kafka": StepProgress("kafka", "", "failed"),
        "caddy": StepProgress("caddy", "", "ready"),
        "simulator": StepProgress("s", "", "skipped"),
    }
    assert not any_pipeline_service_ready(rows)
    assert any_pipeline_service_ready({**rows, "exporters": StepProgress("exporters", "", "ready")})


@pytest.mark.parametrize(
    ("site", "servers"),
    [
        (SITE, "the database, Prometheus and Alertmanager"),
        (replace(SITE, mongo_uri="mongodb://db.plant.example"), "Prometheus and Alertmanager"),
        (replace(SITE, grafana_home=Path("/opt/grafana")), "the database and Prometheus"),
        (replace(SITE, plants=("plant-a",)), "Prometheus"),
    ],
)
def test_what_is_open_to_whom_is_said(site: Site, servers: str) -> None:
    """Servers that run, and how they get passwords; with passwords, where these are, and what is still open."""
    note = " ".join(access_note(site).split())
    assert note.startswith(f"Open to everybody with an account on this machine, without a password: {servers}. ")
    assert "ENERGYTRACK_LOCAL_PASSWORDS=1 gives each a password." in note
    note = " ".join(access_note(replace(site, passwords=True)).split())
    assert note.startswith(f"Passwords of {servers}: in /srv/var/secrets/servers, user energytrack. ")
    assert "Metrics and health of services are open to everybody" in note
    assert ("front door" in note) == (not site.plants)
