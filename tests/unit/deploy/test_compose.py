"""compose.yaml: valid, locked down, and what the local stack is."""

import json
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from deploy.compose.make_secrets import KAFKA_FOLDERS
from energytrack.plant import load_plant
from energytrack.security.rights import RIGHTS
from local.services.front_door import caddy_service
from local.services.observability import grafana_service, prometheus_service
from local.services.pipeline import DISK, PIPELINE, PipelineService, shared_env
from local.site import Ports, Site
from tests.unit.deploy.compose_file import ROOT, Container, containers, described, promised, variables
from tools.provision.__main__ import lay_out

SITE = Site()
JOBS_OF_OTHERS = {"replay", "alertmanager"}
"""Jobs of the local stack without a container: recordings are replayed by hand, and Grafana pages."""

BACKUPS = frozenset({"backup", "restore"})
"""They have all secrets, run only when somebody asks, and reach nothing but the database."""

ours = pytest.mark.parametrize(
    "container", [each for each in containers().values() if each.is_ours], ids=lambda c: c.name
)
every_container = pytest.mark.parametrize("container", containers().values(), ids=lambda container: container.name)
every_part = pytest.mark.parametrize("part", PIPELINE, ids=lambda part: part.name)


def of(part_name: str) -> Container:
    """The container of one of the local stack's services."""
    return containers()[part_name.replace("_", "-")]


def test_the_file_follows_the_compose_specification() -> None:
    schema = json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())
    problems = jsonschema.validators.validator_for(schema)(schema).iter_errors(described())
    assert [(list(problem.path), problem.message) for problem in problems] == []


def test_what_can_be_set_is_what_the_opening_comment_says() -> None:
    assert variables() == promised()


# --- Nothing more than it needs -----------------------------------------------------------------------------------


@every_container
def test_an_image_is_pinned(container: Container) -> None:
    if not container.is_ours:
        assert re.fullmatch(r"[\w/.-]+:v?\d+\.\d+\.\d+(-alpine)?", container.described["image"])


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


def test_kafka_is_opened_to_gateways_on_purpose_and_encrypted() -> None:
    opened = yaml.safe_load((ROOT / "deploy" / "compose" / "gateways.yaml").read_text(encoding="utf-8"))["services"]
    assert opened.keys() == {"kafka"}
    assert opened["kafka"]["ports"] == ["${KAFKA_PUBLIC_PORT:-9093}:9093"]
    listeners = opened["kafka"]["environment"]["KAFKA_LISTENERS"].split(",")
    assert "GATEWAYS://:9093" in listeners
    assert set(containers()["kafka"].env["KAFKA_LISTENERS"].split(",")) < set(listeners)
    settings = (ROOT / "kafka" / "broker.properties").read_text(encoding="utf-8")
    assert "GATEWAYS:SASL_SSL\n" in settings
    assert "listener.name.gateways.sasl.enabled.mechanisms=SCRAM-SHA-512\n" in settings


def test_listeners_have_names_that_the_brokers_image_leaves_alone() -> None:
    """Its start script reads SSL:// and SASL_ in an address as its own way of being told certificates and users."""
    opened = yaml.safe_load((ROOT / "deploy" / "compose" / "gateways.yaml").read_text(encoding="utf-8"))["services"]
    for env in (containers()["kafka"].env, opened["kafka"]["environment"]):
        assert not re.search(r"SSL://|SASL_", env["KAFKA_ADVERTISED_LISTENERS"])


def test_telegraf_has_a_folder_for_the_passwords_of_machines_also_where_there_are_none() -> None:
    """It does not start without one; Docker creates a folder that is mounted by itself."""
    volumes = containers()["telegraf"].described["volumes"]
    machines = next(volume for volume in volumes if volume.endswith(":/machines:ro"))
    assert machines.replace(":/machines:ro", "/secrets:/machines/secrets:ro") in volumes


def test_a_container_signs_in_to_kafka_as_itself() -> None:
    users = {
        name: container.env["ENERGYTRACK_KAFKA_USERNAME"]
        for name, container in containers().items()
        if "ENERGYTRACK_KAFKA_USERNAME" in container.env
    }
    assert users == {name: name for name in RIGHTS if name in containers()} | {"topics": "admin"}
    for name, user in users.items():
        if user not in {"admin", "telegraf"}:  # whose file tells where its password is
            assert containers()[name].env["ENERGYTRACK_KAFKA_PASSWORD_FILE"] == (
                f"/secrets/{KAFKA_FOLDERS[user]}/kafka_password"
            )


def test_who_administers_kafka_is_the_broker_and_the_step_that_grants_rights() -> None:
    def holders(volume: str) -> set[str]:
        return {
            name
            for name, container in containers().items()
            if any(each.startswith(f"{volume}:") for each in container.described.get("volumes", ()))
        }

    assert holders("secrets-kafka") - BACKUPS == {"secrets", "kafka", "topics"}
    assert holders("secrets-kafka-users") - BACKUPS == {"secrets", "topics"}
    assert holders("secrets-authority") - BACKUPS == {"secrets"}


def test_folders_of_secrets_belong_to_who_writes_them() -> None:
    """A fresh volume takes the owner of the folder in the image; without one it would be root's."""
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for volume in containers()["secrets"].described["volumes"]:
        assert re.search(rf"{volume.split(':')[1]}[ \n]", image), volume


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
def test_no_secret_is_in_an_environment(container: Container) -> None:
    """Whoever may list containers sees their environment; only the one that takes yours in has some, and ends."""
    secret = re.compile(r"(PASSWORD|KEY|TOKEN|URI)$")
    if container.name != "secrets":
        assert [name for name in container.env if secret.search(name)] == []


@every_container
def test_dependencies_are_waited_for_until_they_are_done_or_well(container: Container) -> None:
    for name, condition in container.needs.items():
        once = containers()[name].runs_once
        assert condition == ("service_completed_successfully" if once else "service_healthy")


@ours
def test_there_is_one_image_of_ours_and_one_place_that_builds_it(container: Container) -> None:
    assert container.described["image"] == "energytrack:${ENERGYTRACK_VERSION:-0.2.0}"
    assert ("build" in container.described) == (container.name == "secrets")


# --- The same as the local stack ----------------------------------------------------------------------------------


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


def test_the_key_that_orders_are_signed_with_is_the_control_apis_alone() -> None:
    holders = {
        name
        for name, container in containers().items()
        if any(volume.startswith("secrets-control:") for volume in container.described.get("volumes", ()))
    }
    assert holders - BACKUPS == {"control-api", "secrets"}


@every_part
def test_a_part_waits_for_the_same_others(part: PipelineService) -> None:
    assert set(part.needs) <= of(part.name).needs.keys()


@every_part
def test_a_part_is_told_where_to_find_what_it_uses(part: PipelineService) -> None:
    env = of(part.name).env
    needs = part.needs
    others = (
        "ENERGYTRACK_MONGO_",
        *(f"ENERGYTRACK_{other}_" for other in ("ML", "SIMULATOR", "CONTROL_API") if other != part.name.upper()),
    )
    told = {name for name in shared_env(SITE) if name.startswith("ENERGYTRACK_")}
    expected = {name for name in told if not name.startswith(others)}
    assert expected <= env.keys()
    assert ("ENERGYTRACK_MONGO_URI_FILE" in env) == ("mongo" in needs)


def test_the_front_door_is_told_the_same() -> None:
    local = {name for name in caddy_service(SITE).env if name.startswith("ENERGYTRACK_")}
    assert local == {name for name in containers()["caddy"].env if name.startswith("ENERGYTRACK_")}
    assert "./proxy/Caddyfile:/etc/caddy/Caddyfile:ro" in containers()["caddy"].described["volumes"]


def test_prometheus_is_started_with_the_same_options() -> None:
    def options(command: Iterable[str]) -> set[str]:
        return {str(each).split("=")[0] for each in command if str(each).startswith("--")}

    local = options(prometheus_service(SITE).command)
    assert options(containers()["prometheus"].described["command"]) == local - {"--web.listen-address"}


def test_prometheus_scrapes_the_same_jobs_in_the_same_way() -> None:
    local = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    here = yaml.safe_load((ROOT / "deploy" / "compose" / "prometheus.yml").read_text(encoding="utf-8"))
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
    here = yaml.safe_load((ROOT / "deploy" / "compose" / "prometheus.yml").read_text(encoding="utf-8"))
    for job in here["scrape_configs"]:
        for found in job.get("dns_sd_configs", ()):
            assert found["names"] == [of(job["job_name"]).name]
            assert found["port"] == getattr(Ports(), job["job_name"])
            assert "watch" in of(job["job_name"]).described["networks"]


def test_grafana_reads_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "grafana").touch(mode=0o755)
    local = set(grafana_service(Site(grafana_home=tmp_path)).env)
    here = containers()["grafana"]
    different = {"GF_SERVER_HTTP_ADDR", "GF_SERVER_HTTP_PORT", "GF_PATHS_DATA", "GF_PATHS_LOGS", "GF_PATHS_PLUGINS"}
    assert local - different <= here.env.keys()
    assert "provisioned:/etc/energytrack:ro" in here.described["volumes"]
    paths = {value for name, value in here.env.items() if str(value).startswith("/etc/energytrack/")}
    lay_out(load_plant(ROOT / "plant.toml"), tmp_path / "laid")
    assert {
        path for path in paths if not (tmp_path / "laid" / path.removeprefix("/etc/energytrack/")).exists()
    } == set()
    waits = here.described["depends_on"]
    assert waits["provisioning"]["condition"] == "service_completed_successfully"


def test_grafana_s_files_are_laid_out_from_what_is_mounted() -> None:
    """Whatever `tools.provision` reads is there, beside the plant that the services have."""
    here = containers()["provisioning"].described
    for needed in ("./alerts.toml:/app/alerts.toml:ro", "./grafana:/app/grafana:ro", "./tools:/app/tools:ro"):
        assert needed in here["volumes"]
    (plant,) = (volume for volume in here["volumes"] if "PLANT_FILE" in volume)
    assert plant in containers()["historian"].described["volumes"]


def test_who_is_paged_is_one_of_the_rendered_files() -> None:
    told = next(word for word in containers()["provisioning"].described["command"] if "CONTACTS" in word)
    default = re.search(r"CONTACTS:-(.+?)}", told)
    assert default is not None
    assert (ROOT / "grafana" / default.group(1)).exists()
    assert {path.name for path in (ROOT / "grafana" / "contacts").iterdir()} == {
        "mail.yaml",
        "pager.yaml",
        "mail-and-pager.yaml",
    }


def test_the_broker_is_the_same_version_and_reads_the_same_settings() -> None:
    pom = (ROOT / "kafka" / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<kafka.version>(.+)</kafka.version>", pom)
    kafka = containers()["kafka"]
    assert version is not None
    assert kafka.described["image"] == f"apache/kafka:{version.group(1)}"
    mirror = (ROOT / "kafka" / "mirror" / "pom.xml").read_text(encoding="utf-8")
    for library in ("kafka", "log4j"):
        versions = [re.findall(rf"<{library}.version>(.+)</{library}.version>", each) for each in (pom, mirror)]
        assert versions[0] == versions[1] != []
    assert "./kafka/broker.properties:/mnt/shared/config/server.properties:ro" in kafka.described["volumes"]


def test_the_disk_under_the_volumes_is_watched_and_services_that_fill_it_look_at_it() -> None:
    disk = containers()["disk"]
    assert disk.described["command"] == ["python", "-m", DISK.module]
    assert disk.env["ENERGYTRACK_METRICS_PORT"] == str(Ports().disk)
    mounted = [volume.split(":") for volume in disk.described["volumes"]]
    assert {f"/volumes/{store}" for store in ("kafka", "mongo", "prometheus")} <= {target for _, target, _ in mounted}
    assert {options for *_, options in mounted} == {"ro"}
    for name in ("simulator", "historian", "ml-consumer"):
        assert containers()[name].env["ENERGYTRACK_DISK_FOLDERS"]


@every_container
def test_a_log_is_bounded(container: Container) -> None:
    options = container.described["logging"]["options"]
    assert {"max-size", "max-file"} <= options.keys()


# --- Backups ------------------------------------------------------------------------------------------------------


def test_a_backup_has_every_volume_that_cannot_be_made_anew() -> None:
    """And restoring writes to the same ones; a backup can change none of them."""
    remade = {"provisioned", "kafka-data", "gateway-buffer", "mongo-data", "mongo-config", "prometheus-data",
              "caddy-data", "caddy-config", "models"}  # fmt: skip
    mounted = {
        name: {volume.split(":")[0]: volume for volume in containers()[name].described["volumes"]} for name in BACKUPS
    }
    kept = set(described()["volumes"]) - remade
    for name in BACKUPS:
        assert {volume for volume in mounted[name] if not volume.startswith("$")} == kept, name
    assert all(mounted["backup"][volume].endswith(":ro") for volume in kept)
    assert not any(mounted["restore"][volume].endswith(":ro") for volume in kept)


def test_backups_are_made_only_when_somebody_asks() -> None:
    for name in BACKUPS:
        container = containers()[name].described
        assert container["profiles"] == ["backup"]
        assert container["networks"] == ["store"]
        assert container["restart"] == "no"


def test_what_a_backup_takes_is_what_restoring_puts_back() -> None:
    """The same names of folders, at the same places."""

    def areas(words: list[str]) -> set[str]:
        return {word for word in words if word.startswith(("--area=", "--secret="))}

    taken = areas(containers()["backup"].described["command"])
    put_back = areas(containers()["restore"].described["entrypoint"])
    assert put_back - taken == {"--area=plant=/backups/plant"}  # the plant file is among what every backup takes
    assert taken <= put_back


def test_what_holds_passwords_is_in_encrypted_backups_only() -> None:
    """Grafana keeps its people's, and the alerts token, in its database."""
    secret = {each for each in containers()["backup"].described["command"] if each.startswith("--secret=")}
    assert secret == {"--secret=grafana=/data/grafana", "--secret=secrets=/data/secrets"}
