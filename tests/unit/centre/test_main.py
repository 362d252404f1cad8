"""`./et centre` as people call it: what it prints, and what it answers to bad input."""

from pathlib import Path

import pytest

from centre.__main__ import main
from energytrack.centre.settings import CentreSettings
from energytrack.settings import KafkaSettings
from testkit.stand_ins.password import guarded_server

PLANT = {"ENERGYTRACK_CENTRE_PLANT": "plant-a", "ENERGYTRACK_CENTRE_WRITE_URL": "http://127.0.0.1:9/api/v1/write"}
"""Port 9, where nobody answers."""


@pytest.fixture
def configuration(tmp_path: Path) -> str:
    file = tmp_path / "prometheus.yml"
    file.write_text("global:\n  scrape_interval: 5s\n", encoding="utf-8")
    return str(file)


def test_prometheus_is_printed_with_the_part_that_sends(configuration: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prometheus", configuration], PLANT) == 0
    printed = capsys.readouterr().out
    assert 'external_labels: { plant: "plant-a" }' in printed
    assert "remote_write:" in printed


def test_mirror_is_printed_without_a_password(capsys: pytest.CaptureFixture[str]) -> None:
    env = {"ENERGYTRACK_CENTRE_PLANT": "plant-a", "ENERGYTRACK_CENTRE_KAFKA_SERVERS": "centre.example:9093"}
    assert main(["mirror"], env) == 0
    assert 'username="plant-a" password="${file:/secrets/centre:password}"' in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["prometheus", "mirror"])
def test_a_plant_that_is_not_named_gets_no_file(
    verb: str, configuration: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A configuration that looks finished and sends nothing would be found out much later."""
    assert main([verb, *([configuration] if verb == "prometheus" else [])], {}) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("invalid settings:\n  ENERGYTRACK_CENTRE_")


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["prometheus", str(tmp_path / "missing.yml")], PLANT) == 1
    assert "missing.yml" in capsys.readouterr().err


def test_a_file_that_is_no_text_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yml"
    file.write_bytes(b"\xff\xfe")
    assert main(["prometheus", str(file)], PLANT) == 1
    assert "not a text in UTF-8" in capsys.readouterr().err


def test_a_misspelt_setting_is_named(configuration: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prometheus", configuration], PLANT | {"ENERGYTRACK_CENTRE_PLANTS": "plant-a"}) == 2
    assert "ENERGYTRACK_CENTRE_PLANTS" in capsys.readouterr().err


def test_a_name_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["add", "Plant A"], {}) == 1
    assert "a plant's name is lower-case letters, digits and hyphens" in capsys.readouterr().err


def test_a_prometheus_that_is_away_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catch-up", "--prometheus", "http://127.0.0.1:9"], PLANT) == 1
    assert "this plant's Prometheus (http://127.0.0.1:9) does not answer" in capsys.readouterr().err


def test_a_prometheus_with_a_password_is_asked_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "password"
    file.write_text("a password\n", encoding="utf-8")
    with guarded_server("energytrack", "a password", b'{"data": {"result": []}}') as prometheus:
        asked = ["catch-up", "--hours", "0.1", "--prometheus", prometheus.url]
        assert main(asked, PLANT) == 1
        assert "401" in capsys.readouterr().err
        assert main([*asked, "--prometheus-password-file", str(file)], PLANT) == 0
    assert prometheus.answered == [401, 200]


def test_an_address_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catch-up", "--prometheus", "http://[::1"], PLANT) == 1
    assert capsys.readouterr().err.startswith("this is no address: ")


@pytest.mark.parametrize(("content", "problem"), [(None, "No such file"), (b"no certificate", "no certificate")])
def test_an_authority_without_a_certificate_is_named(
    content: bytes | None, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    assert main(["catch-up"], PLANT | {"ENERGYTRACK_CENTRE_CA_FILE": str(file)}) == 2
    output = capsys.readouterr().err
    assert "ENERGYTRACK_CENTRE_CA_FILE: " in output
    assert problem in output
    assert str(file) in output


@pytest.mark.parametrize("hours", ["0", "-3", "nan", "inf", "a day"])
def test_hours_are_above_none(hours: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["catch-up", f"--hours={hours}"], PLANT)
    assert ended.value.code == 2
    assert f"a number of hours above 0 and up to 8,784, got '{hours}'" in capsys.readouterr().err


def test_settings_of_the_two_sides_have_names_of_their_own() -> None:
    assert not CentreSettings.variables().keys() & KafkaSettings.variables().keys()
