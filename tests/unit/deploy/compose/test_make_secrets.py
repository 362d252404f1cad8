"""The one-shot service that makes the stack's secrets."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from deploy.compose.make_secrets import AUTHORITY_KEY, BROKER, KAFKA_FOLDERS, RANDOM, main, make
from energytrack.security.rights import RIGHTS
from energytrack.security.signatures import CommandSigner
from testkit.dates import NOW


def text(home: Path, name: str) -> str:
    return (home / name).read_text(encoding="utf-8")


def test_every_secret_is_made_and_no_two_are_the_same(tmp_path: Path) -> None:
    make(tmp_path, {}, NOW)
    assert len({text(tmp_path, name) for name in RANDOM}) == len(RANDOM)
    assert all(len(text(tmp_path, name)) >= 32 for name in RANDOM)


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    make(tmp_path, {}, NOW)
    before = {name: text(tmp_path, name) for name in RANDOM}
    assert make(tmp_path, {}, NOW) == []
    assert {name: text(tmp_path, name) for name in RANDOM} == before


def test_yours_is_taken(tmp_path: Path) -> None:
    make(tmp_path, {"GRAFANA_ADMIN_PASSWORD": "correct horse"}, NOW)
    assert text(tmp_path, "grafana/admin_password") == "correct horse"


def test_the_databases_address_holds_its_password_whatever_is_in_it(tmp_path: Path) -> None:
    make(tmp_path, {"MONGO_PASSWORD": "p@ss/w:rd"}, NOW)
    address = urlsplit(text(tmp_path, "energytrack/mongo_uri"))
    assert (address.hostname, address.port) == ("mongo", 27017)
    assert unquote(address.password or "") == "p@ss/w:rd"


def test_grafana_and_the_control_api_share_the_webhooks_token(tmp_path: Path) -> None:
    make(tmp_path, {}, NOW)
    assert text(tmp_path, "energytrack/webhook_token") == text(tmp_path, "grafana/webhook_token")


def test_machines_get_the_public_half_of_the_key_that_orders_are_signed_with(tmp_path: Path) -> None:
    make(tmp_path, {}, NOW)
    signer = CommandSigner(text(tmp_path, "control/command_signing_key"))
    assert text(tmp_path, "machines/command_keys") == signer.public_key


def test_the_root_password_of_the_database_stays_with_the_database(tmp_path: Path) -> None:
    make(tmp_path, {}, NOW)
    elsewhere = [file for file in tmp_path.rglob("*") if file.is_file() and file.parent.name != "mongo"]
    assert all(text(tmp_path, "mongo/root_password") not in file.read_text(encoding="utf-8") for file in elsewhere)


def test_nobody_sees_a_secret_while_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("deploy.compose.make_secrets.HOME", tmp_path)
    assert main([], {}) == 0
    said = capsys.readouterr().out
    assert "created grafana/admin_password" in said
    assert all(text(tmp_path, name) not in said for name in RANDOM)


def test_show_says_who_signs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("deploy.compose.make_secrets.HOME", tmp_path)
    make(tmp_path, {}, NOW)
    assert main(["show"], {}) == 0
    shown = capsys.readouterr().out
    assert text(tmp_path, "grafana/admin_password") in shown
    assert text(tmp_path, "mongo/reader_password") in shown
    assert text(tmp_path, "mongo/password") not in shown


def test_every_user_of_kafka_finds_its_own_password_and_nobody_elses(tmp_path: Path) -> None:
    make(tmp_path, {}, NOW)
    for user, folder in KAFKA_FOLDERS.items():
        assert text(tmp_path, f"{folder}/kafka_password") == text(tmp_path, f"kafka-users/{user}")
    assert {file.name for file in (tmp_path / "kafka-users").iterdir()} == set(RIGHTS)
    assert {file.name for file in (tmp_path / "kafka").iterdir()} == {"admin", "server.pem"}


def test_the_brokers_certificate_is_made_again_for_another_name_and_before_it_ends(tmp_path: Path) -> None:
    make(tmp_path, {}, NOW)
    inside = text(tmp_path, BROKER)
    assert make(tmp_path, {"KAFKA_PUBLIC_HOST": "energy.plant.example"}, NOW) == [BROKER]
    outside = text(tmp_path, BROKER)
    assert outside != inside
    env = {"KAFKA_PUBLIC_HOST": "energy.plant.example"}
    assert make(tmp_path, env, NOW + timedelta(days=600)) == []
    assert make(tmp_path, env, NOW + timedelta(days=700)) == [BROKER]


def test_the_authoritys_key_stays_where_it_signs(tmp_path: Path) -> None:
    make(tmp_path, {}, NOW)
    key = text(tmp_path, AUTHORITY_KEY)
    assert [file for file in tmp_path.rglob("*") if file.is_file() and key in file.read_text(encoding="utf-8")] == [
        tmp_path / AUTHORITY_KEY
    ]


def test_gateways_are_given_the_certificate_of_the_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("deploy.compose.make_secrets.HOME", tmp_path)
    make(tmp_path, {}, NOW)
    assert main(["authority"], {}) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("-----BEGIN CERTIFICATE-----")
    assert text(tmp_path, BROKER).endswith(shown)
    assert "PRIVATE" not in shown
