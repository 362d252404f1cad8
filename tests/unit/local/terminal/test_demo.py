"""What is printed about a start."""

from dataclasses import replace
from pathlib import Path

import pytest

from local.lifecycle.progress import StepProgress
from local.lifecycle.supervisord import Process
from local.site import Site
from local.terminal.demo import access_note, any_pipeline_service_ready, grafana_note, not_running

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


def test_a_grafana_that_is_not_where_it_is_said_to_be_is_named(tmp_path: Path) -> None:
    """With what runs instead; a folder that holds one, and one found elsewhere, need no word."""
    assert "GRAFANA_HOME is /nowhere, which holds no Grafana; everything else runs." in str(
        grafana_note(SITE, "/nowhere")
    )
    elsewhere = replace(SITE, grafana_home=Path("/opt/grafana"))
    assert "the Grafana in /opt/grafana runs" in str(grafana_note(elsewhere, "/nowhere"))
    assert str(grafana_note(SITE, None)).startswith("Grafana was not found; everything else runs.")
    assert grafana_note(elsewhere, None) is None
    program = tmp_path / "bin" / "grafana"
    program.parent.mkdir()
    program.touch(0o755)
    assert grafana_note(replace(SITE, grafana_home=tmp_path), str(tmp_path)) is None
