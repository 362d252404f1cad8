"""compose.yaml: a container has nothing more than it needs, and ends and starts in good order."""

import re
import tomllib

from local.services.pipeline import DISK
from local.site import Ports
from tests.unit.deploy.compose_file import BACKUPS, ROOT, Container, containers, described, every_container, ours


@every_container
def test_an_image_is_pinned(container: Container) -> None:
    if not container.is_ours:
        assert re.fullmatch(r"[\w/.-]+:v?\d+\.\d+\.\d+(-alpine)?", container.described["image"])


@ours
def test_there_is_one_image_of_ours_and_one_place_that_builds_it(container: Container) -> None:
    assert container.described["image"] == "energytrack:${ENERGYTRACK_VERSION:-0.2.0}"
    assert ("build" in container.described) == (container.name == "secrets")


def test_the_image_has_every_package_that_is_installed() -> None:
    """The build sees only what .dockerignore lets through."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.removesuffix("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    let_through = set((ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines())
    assert packages - {line.removeprefix("!") for line in let_through} == set()


@every_container
def test_a_container_has_no_privileges(container: Container) -> None:
    assert container.described["cap_drop"] == ["ALL"]
    assert container.described["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in container.described
    assert container.described["init"] is True
    assert container.described.get("read_only") or container.name == "kafka", (
        "its image writes its settings into itself"
    )


@every_container
def test_one_that_keeps_running_says_how_it_is_what_it_may_use_and_how_it_ends(container: Container) -> None:
    if container.runs_once:
        return
    assert container.is_ours or "test" in container.described["healthcheck"]
    limits = container.described["deploy"]["resources"]["limits"]
    assert limits.keys() == {"cpus", "memory"}
    assert container.described["stop_grace_period"] if container.name != "caddy" else True


def test_only_the_front_door_is_published() -> None:
    assert [container.name for container in containers().values() if "ports" in container.described] == ["caddy"]


def test_stores_cannot_be_reached_from_outside() -> None:
    internal = {name for name, network in described()["networks"].items() if network.get("internal")}
    assert set(containers()["kafka"].described["networks"]) <= internal
    assert set(containers()["mongo"].described["networks"]) <= internal
    assert set(containers()["prometheus"].described["networks"]) <= internal


@every_container
def test_data_is_kept_in_volumes_that_have_a_name_and_files_of_the_project_are_read_only(container: Container) -> None:
    volumes = container.described.get("volumes", ())
    if container.name == "ml-consumer":
        volumes = [volume for volume in volumes if volume != "/models"]  # a copy, each replica's own
    for volume in volumes:
        source, _, options = (*re.split(r":(?![-?])", volume), "")[:3]
        if source.startswith((".", "$")):
            assert options == "ro" or (volume.endswith(":/backups") and container.name in BACKUPS), volume
        else:
            assert source in described()["volumes"], volume


@every_container
def test_dependencies_are_waited_for_until_they_are_done_or_well(container: Container) -> None:
    for name, condition in container.needs.items():
        once = containers()[name].runs_once
        assert condition == ("service_completed_successfully" if once else "service_healthy")


@every_container
def test_a_log_is_bounded(container: Container) -> None:
    options = container.described["logging"]["options"]
    assert {"max-size", "max-file"} <= options.keys()


def test_the_disk_under_the_volumes_is_watched_and_services_that_fill_it_look_at_it() -> None:
    disk = containers()["disk"]
    assert disk.described["command"] == ["python", "-m", DISK.module]
    assert disk.env["ENERGYTRACK_METRICS_PORT"] == str(Ports().disk)
    mounted = [volume.split(":") for volume in disk.described["volumes"]]
    assert {f"/volumes/{store}" for store in ("kafka", "mongo", "prometheus")} <= {target for _, target, _ in mounted}
    assert {options for *_, options in mounted} == {"ro"}
    for name in ("simulator", "historian", "ml-consumer"):
        assert containers()[name].env["ENERGYTRACK_DISK_FOLDERS"]
