"""Settings of Prometheus and MirrorMaker for a plant that sends to a centre, and the file of Compose that runs them."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from centre.mirror import properties
from centre.series import joined
from deploy.compose.several_plants import PROMETHEUS, Folders, main, write
from energytrack.centre.settings import CentreSettings
from energytrack.security.rights import MIRROR
from energytrack.settings import KafkaSettings
from local.services.mirror import mirror_watch_service
from local.site import Ports, Site
from testkit.rules.promtool import promtool
from tests.unit.deploy.compose_file import ROOT, containers

OVERLAY = ROOT / "deploy" / "compose" / "several-plants.yaml"


def overlay() -> dict[str, Any]:
    file: dict[str, Any] = yaml.load(OVERLAY.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return file


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """The committed configuration, and the centre's authority."""
    given, made = tmp_path / "given", tmp_path / "made"
    given.mkdir()
    made.mkdir()
    shutil.copy(ROOT / "deploy" / "compose" / "prometheus.yml", given)
    (given / "ca.crt").write_text("a certificate")
    return Folders(given, made)


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (tmp_path / "password").write_text("a secret")
    (tmp_path / "mirror").write_text("another")
    return {
        "ENERGYTRACK_KAFKA_SERVERS": "kafka:9092",
        "ENERGYTRACK_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "ENERGYTRACK_KAFKA_USERNAME": MIRROR,
        "ENERGYTRACK_KAFKA_PASSWORD_FILE": str(tmp_path / "mirror"),
        "ENERGYTRACK_CENTRE_PLANT": "plant-a",
        "ENERGYTRACK_CENTRE_WRITE_URL": "https://centre.example:8443/api/v1/write",
        "ENERGYTRACK_CENTRE_KAFKA_SERVERS": "centre.example:9093",
        "ENERGYTRACK_CENTRE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "ENERGYTRACK_CENTRE_PASSWORD_FILE": str(tmp_path / "password"),
    }


def test_both_files_are_what_the_commands_print_and_hold_no_password(folders: Folders, env: dict[str, str]) -> None:
    write(env, folders)
    centre = CentreSettings.from_env({**env, "ENERGYTRACK_CENTRE_CA_FILE": str(folders.made / "ca.crt")})
    committed = (folders.given / "prometheus.yml").read_text(encoding="utf-8")
    assert (folders.made / "prometheus.yml").read_text(encoding="utf-8") == joined(committed, centre)
    written = (folders.made / "mirror.properties").read_text(encoding="utf-8")
    password = Path(env["ENERGYTRACK_CENTRE_PASSWORD_FILE"])
    places = {"plant": "${file:/secrets/mirror:kafka_password}", "centre": f"${{file:{password.parent}:password}}"}
    assert written == properties(centre, KafkaSettings.from_env(env), places)
    assert "a secret" not in written
    assert "another" not in written


def test_prometheus_takes_its_file(folders: Folders, env: dict[str, str]) -> None:
    assert main(env, folders) == 0
    for rules in (ROOT / "prometheus" / "rules").glob("*.yml"):
        shutil.copy(rules, folders.made / "rules")
    promtool("check", "config", "--syntax-only", folders.made / "prometheus.yml")


def test_a_centre_without_an_authority_of_its_own_is_trusted_as_public_ones_are(
    folders: Folders, env: dict[str, str]
) -> None:
    write(env, folders)
    assert (folders.made / "ca.crt").exists()
    (folders.given / "ca.crt").write_text("")
    write(env, folders)
    assert not (folders.made / "ca.crt").exists()
    assert "truststore" not in (folders.made / "mirror.properties").read_text(encoding="utf-8")
    assert "tls_config" not in (folders.made / "prometheus.yml").read_text(encoding="utf-8")


def test_a_plant_without_a_password_hears_which_setting_it_lacks(
    folders: Folders, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(env["ENERGYTRACK_CENTRE_PASSWORD_FILE"]).write_text("")
    assert main(env, folders) == 2
    assert "CENTRE_PASSWORD: needed at the first start" in capsys.readouterr().err
    assert main({**env, "ENERGYTRACK_CENTRE_PLANT": "Plant A"}, folders) == 2
    assert "ENERGYTRACK_CENTRE_PLANT" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(
    folders: Folders, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Docker makes a folder where it finds nothing to mount."""
    (folders.given / "ca.crt").unlink()
    (folders.given / "ca.crt").mkdir()
    assert main(env, folders) == 2
    assert "CENTRE_CA_FILE: names no file" in capsys.readouterr().err


def test_a_mistake_takes_no_plant_its_prometheus(folders: Folders, env: dict[str, str]) -> None:
    wrong = {**env, "ENERGYTRACK_CENTRE_PLANT": "Plant A"}
    assert main(wrong, folders) == 2
    alone = (folders.given / PROMETHEUS).read_text(encoding="utf-8")
    assert (folders.made / PROMETHEUS).read_text(encoding="utf-8") == alone
    assert (folders.made / "rules").is_dir()
    assert main(env, folders) == 0
    sending = (folders.made / PROMETHEUS).read_text(encoding="utf-8")
    assert "remote_write" in sending
    assert main(wrong, folders) == 2
    assert (folders.made / PROMETHEUS).read_text(encoding="utf-8") == sending
    for name, service in overlay()["services"].items():
        if name != "centre-settings":
            assert service["depends_on"]["centre-settings"]["required"] is False, name


def test_mirror_maker_may_run_what_it_unpacks() -> None:
    """The library that compresses, without which it sends nothing; Docker's own /tmp runs nothing."""
    mirror = overlay()["services"]["mirror"]
    assert mirror["read_only"] is True
    assert mirror["tmpfs"] == ["/tmp:exec"]  # noqa: S108  # the container's own


def test_prometheus_differs_from_a_plants_alone_by_its_file_only() -> None:
    alone = containers()["prometheus"].described["command"]
    here = overlay()["services"]["prometheus"]["command"]
    assert here == ["--config.file=/several-plants/prometheus.yml", *alone[1:]]
    assert alone[0].startswith("--config.file=")


def test_the_mirror_is_the_brokers_image_and_is_watched_as_in_the_local_stack() -> None:
    services = overlay()["services"]
    assert services["mirror"]["image"] == containers()["kafka"].described["image"]
    watch = mirror_watch_service(Site())
    assert services["mirror-watch"]["command"] == ["python", *watch.command[1:]]
    assert services["mirror-watch"]["environment"]["ENERGYTRACK_METRICS_PORT"] == Ports().mirror_watch
    settings = yaml.load((ROOT / "deploy" / "compose" / "prometheus.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    (job,) = (each for each in settings["scrape_configs"] if each["job_name"] == "mirror_watch")
    assert [(found["names"], found["port"]) for found in job["dns_sd_configs"]] == [
        (["mirror-watch"], Ports().mirror_watch)
    ]
    assert "watch" in services["mirror-watch"]["networks"]


def test_containers_that_lead_outside_are_locked_down_and_see_only_their_own_secrets() -> None:
    holders: dict[str, set[str]] = {}
    for name, service in overlay()["services"].items():
        if name != "prometheus":  # the rest of it is compose.yaml's
            assert service["cap_drop"] == ["ALL"]
            assert service["read_only"] is True
            assert service["security_opt"] == ["no-new-privileges:true"]
            assert {"max-size", "max-file"} <= service["logging"]["options"].keys()
        assert "ports" not in service
        for volume in service["volumes"]:
            source, _, options = (*volume.rsplit(":", 2), "")[:3]
            if source.startswith("secrets-"):
                assert options == "ro"
                holders.setdefault(source, set()).add(name)
    assert holders == {
        "secrets-centre": {"centre-settings", "prometheus", "mirror", "mirror-watch"},
        "secrets-mirror": {"centre-settings", "mirror", "mirror-watch"},
    }
