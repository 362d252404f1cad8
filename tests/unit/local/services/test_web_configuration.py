"""Who may ask Prometheus and Alertmanager."""

import subprocess
from pathlib import Path

import bcrypt
import pytest
import yaml

from local.errors import CannotPrepare
from local.install.programs import PROMTOOL, find
from local.services.passwords import USER
from local.services.web_configuration import signed_in, web_configuration
from local.site import ROOT

COMMITTED = (ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")


def a_file(folder: Path, name: str, password: str) -> Path:
    file = folder / name
    file.write_text(password, encoding="utf-8")
    return file


def test_each_user_has_a_hash_of_its_password(tmp_path: Path) -> None:
    files = {USER: a_file(tmp_path, "a", "one-password"), "plant-a": a_file(tmp_path, "b", "another\n")}
    text = web_configuration(files)
    users = yaml.load(text, yaml.CSafeLoader)["basic_auth_users"]
    assert bcrypt.checkpw(b"one-password", users[USER].encode())
    assert bcrypt.checkpw(b"another", users["plant-a"].encode())
    assert not bcrypt.checkpw(b"another", users[USER].encode())
    assert "one-password" not in text


@pytest.mark.parametrize(("password", "size"), [("", 0), ("\n", 0), ("x" * 73, 73), ("ü" * 37, 74)])
def test_a_password_that_cannot_be_hashed_is_refused(password: str, size: int, tmp_path: Path) -> None:
    """bcrypt would take the first 72 bytes for all of it, and an empty one is none."""
    file = a_file(tmp_path, "a", password)
    with pytest.raises(CannotPrepare) as refused:
        web_configuration({USER: file})
    assert str(refused.value) == (
        f"{file}: expected a password of 1 to 72 bytes, found {size}. Delete the file, and the next start makes a new "
        "one."
    )


def test_the_committed_configuration_signs_in_and_is_otherwise_the_same(tmp_path: Path) -> None:
    after = yaml.load(
        signed_in(COMMITTED, {"prometheus": tmp_path / 'a "b"', "alertmanager": tmp_path / "c"}), yaml.CSafeLoader
    )
    before = yaml.load(COMMITTED, yaml.CSafeLoader)
    assert before == yaml.load(signed_in(COMMITTED, {}), yaml.CSafeLoader)
    assert after != before
    places = [*after["alerting"]["alertmanagers"], *after["scrape_configs"]]
    removed = [place.pop("basic_auth") for place in places if "basic_auth" in place]
    assert [Path(each["password_file"]).name for each in removed] == ["c", 'a "b"', "c"]
    assert after == before


@pytest.mark.parametrize(
    "missing", ["  - job_name: prometheus\n", "  - job_name: alertmanager\n", "  alertmanagers:\n"]
)
def test_a_configuration_without_the_place_is_refused(missing: str, tmp_path: Path) -> None:
    """Rather than a Prometheus that nobody notices is refused."""
    with pytest.raises(ValueError, match="once, found 0"):
        signed_in(COMMITTED.replace(missing, ""), {"prometheus": tmp_path / "a", "alertmanager": tmp_path / "b"})


def test_prometheus_can_read_it(tmp_path: Path) -> None:
    promtool = find(PROMTOOL)
    if promtool is None:
        pytest.skip("promtool is not installed (it comes with the package prometheus)")
    file = tmp_path / "web.yml"
    file.write_text(web_configuration({USER: a_file(tmp_path, "a", "one-password")}), encoding="utf-8")
    subprocess.run([promtool, "check", "web-config", str(file)], check=True, capture_output=True)
