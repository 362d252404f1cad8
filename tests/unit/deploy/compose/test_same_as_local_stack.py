"""compose.yaml: each service is run as the local stack runs it."""

from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from local.services.front_door import caddy_service
from local.services.observability import prometheus_service
from local.services.pipeline import PIPELINE, PipelineService, shared_env
from local.site import Ports, Site
from tests.unit.deploy.compose_file import ROOT, containers, of

SITE = Site()
JOBS_OF_OTHERS = {"replay", "alertmanager"}
"""Jobs of the local stack without a container: recordings are replayed by hand, and Grafana pages."""
OF_SEVERAL_PLANTS = {"mirror_watch"}
"""Jobs whose containers are in deploy/compose/several-plants.yaml, which has tests of its own."""

every_part = pytest.mark.parametrize("part", PIPELINE, ids=lambda part: part.name)


@every_part
def test_a_part_is_run_by_the_same_command(part: PipelineService) -> None:
    assert of(part.name).described["command"] == ["python", "-m", part.module]


@every_part
def test_a_part_listens_on_the_same_port(part: PipelineService) -> None:
    name = part.name
    variable = "ENERGYTRACK_CONTROL_API_PORT" if name == "control_api" else "ENERGYTRACK_METRICS_PORT"
    assert of(name).env[variable] == str(getattr(Ports(), name))


@every_part
def test_a_part_gets_its_secrets_as_files(part: PipelineService) -> None:
    container = of(part.name)
    needed = {f"{secret}_FILE" for secret in part.secrets}
    given = {name for name in container.env if name.endswith("_FILE") and name.startswith("ENERGYTRACK_")}
    assert needed <= given
    for name in given - {"ENERGYTRACK_PLANT_FILE", "ENERGYTRACK_ML_MODEL_FILE"}:
        folder = Path(container.env[name]).parent
        assert folder.parent == Path("/secrets")
        assert f"secrets-{folder.name}:{folder}:ro" in container.described["volumes"]


@every_part
def test_a_part_waits_for_the_same_others(part: PipelineService) -> None:
    assert set(part.needs) <= of(part.name).needs.keys()


@every_part
def test_a_part_is_configured_with_the_addresses_that_it_uses(part: PipelineService) -> None:
    env = of(part.name).env
    needs = part.needs
    others = (
        "ENERGYTRACK_MONGO_",
        *(f"ENERGYTRACK_{other}_" for other in ("ML", "SIMULATOR", "CONTROL_API") if other != part.name.upper()),
    )
    variables = {name for name in shared_env(SITE) if name.startswith("ENERGYTRACK_")}
    expected = {name for name in variables if not name.startswith(others)}
    assert expected <= env.keys()
    assert ("ENERGYTRACK_MONGO_URI_FILE" in env) == ("mongo" in needs)


def test_the_front_door_is_configured_alike() -> None:
    local = {name for name in caddy_service(SITE).env if name.startswith("ENERGYTRACK_")}
    assert local == {name for name in containers()["caddy"].env if name.startswith("ENERGYTRACK_")}
    assert "./proxy/Caddyfile:/etc/caddy/Caddyfile:ro" in containers()["caddy"].described["volumes"]


def test_prometheus_is_started_with_the_same_options() -> None:
    def options(command: Iterable[str]) -> set[str]:
        return {str(each).split("=")[0] for each in command if str(each).startswith("--")}

    local = options(prometheus_service(SITE).command)
    assert options(containers()["prometheus"].described["command"]) == local - {"--web.listen-address"}


def test_prometheus_scrapes_the_same_jobs_in_the_same_way() -> None:
    local = yaml.load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    here = yaml.load((ROOT / "deploy" / "compose" / "prometheus.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    bare = {
        which: {
            job["job_name"]: {key: value for key, value in job.items() if not key.endswith("_sd_configs")}
            for job in each["scrape_configs"]
            if job["job_name"] not in JOBS_OF_OTHERS
        }
        for which, each in (("local", local), ("here", here))
    }
    bare["here"]["prometheus"].pop("static_configs")
    assert bare["here"] == bare["local"]
    assert here["global"] == local["global"]
    assert here["rule_files"] == local["rule_files"]


def test_prometheus_finds_every_replica_at_the_port_of_its_container() -> None:
    here = yaml.load((ROOT / "deploy" / "compose" / "prometheus.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    for job in here["scrape_configs"]:
        if job["job_name"] in OF_SEVERAL_PLANTS:
            continue
        for found in job.get("dns_sd_configs", ()):
            assert found["names"] == [of(job["job_name"]).name]
            assert found["port"] == getattr(Ports(), job["job_name"])
            assert "watch" in of(job["job_name"]).described["networks"]
