"""The secrets of the centre of several plants."""

from pathlib import Path

import pytest
from cryptography import x509

from deploy.compose import centre_secrets
from deploy.compose.centre_secrets import FRONT_DOOR, main, make, shown
from deploy.compose.make_secrets import BROKER
from testkit.dates import NOW

ENV = {"PLANTS": "plant-a plant-b", "CENTRE_HOST": "centre.example"}


def text(home: Path, name: str) -> str:
    return (home / name).read_text(encoding="utf-8")


def test_each_plant_gets_a_password_of_its_own_once(tmp_path: Path) -> None:
    make(tmp_path, ENV, NOW)
    first = {plant: text(tmp_path, f"plants/{plant}") for plant in ("plant-a", "plant-b")}
    assert len(set(first.values())) == 2
    assert make(tmp_path, ENV, NOW) == []
    assert {plant: text(tmp_path, f"plants/{plant}") for plant in first} == first


def test_a_plant_that_is_no_longer_named_has_no_password(tmp_path: Path) -> None:
    make(tmp_path, ENV, NOW)
    make(tmp_path, {**ENV, "PLANTS": "plant-b"}, NOW)
    assert [file.name for file in (tmp_path / "plants").iterdir()] == ["plant-b"]


def test_what_is_shown_can_be_copied_into_a_plants_settings(tmp_path: Path) -> None:
    make(tmp_path, ENV, NOW)
    lines = shown(tmp_path).splitlines()
    assert lines[lines.index("CENTRE_PLANT=plant-a") + 1] == f"CENTRE_PASSWORD={text(tmp_path, 'plants/plant-a')}"
    assert text(tmp_path, "kafka/admin") not in shown(tmp_path)


@pytest.mark.parametrize("file", [BROKER, FRONT_DOOR])
def test_both_servers_have_a_certificate_for_the_centres_name(tmp_path: Path, file: str) -> None:
    make(tmp_path, ENV, NOW)
    certificate = x509.load_pem_x509_certificate(text(tmp_path, file).encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "centre.example" in names.get_values_for_type(x509.DNSName)
    assert make(tmp_path, {**ENV, "CENTRE_HOST": "other.example"}, NOW) == [BROKER, FRONT_DOOR]


def test_a_name_that_no_plant_may_have_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(centre_secrets, "HOME", tmp_path)
    assert main([], {**ENV, "PLANTS": "plant-a ../admin"}) == 1
    assert "PLANTS: a plant's name is lower-case letters, digits and hyphens" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_nobody_sees_a_password_while_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(centre_secrets, "HOME", tmp_path)
    assert main([], ENV) == 0
    said = capsys.readouterr().out
    assert "created plants/plant-a" in said
    assert text(tmp_path, "plants/plant-a") not in said
    assert main(["authority"], ENV) == 0
    assert capsys.readouterr().out.startswith("-----BEGIN CERTIFICATE-----")
