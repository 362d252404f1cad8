"""Prometheus' configuration at a plant of several: what is added to it, and what stays as it was."""

import re
from pathlib import Path

import pytest
import yaml

from centre.series import SENT, NoGlobalPart, joined
from energytrack.centre.settings import CentreSettings
from tests.unit.suite.test_places_of_tests import ROOT

URL = "https://centre.example/api/v1/write"
COMMITTED = [ROOT / "prometheus" / "prometheus.yml", ROOT / "deploy" / "compose" / "prometheus.yml"]


@pytest.mark.parametrize("file", COMMITTED, ids=str)
def test_the_committed_configurations_get_the_name_and_the_part_that_sends(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    before = yaml.load(text, yaml.CSafeLoader)
    after = yaml.load(joined(text, CentreSettings(plant="plant-a", write_url=URL)), yaml.CSafeLoader)
    (sends,) = after.pop("remote_write")
    assert sends["url"] == URL
    assert after["global"].pop("external_labels") == {"plant": "plant-a"}
    assert after == before


def test_a_plant_alone_keeps_its_configuration() -> None:
    assert joined("anything", CentreSettings()) == "anything"


def test_a_plant_whose_series_stay_has_its_name_and_sends_nothing() -> None:
    after = yaml.load(joined("global:\n  scrape_interval: 5s\n", CentreSettings(plant="plant-a")), yaml.CSafeLoader)
    assert after == {"global": {"external_labels": {"plant": "plant-a"}, "scrape_interval": "5s"}}


def test_it_signs_in_with_its_name_and_trusts_the_centres_authority() -> None:
    centre = CentreSettings(plant="plant-a", write_url=URL, password_file=Path("/s/p"), ca_file=Path("/s/ca.pem"))
    (sends,) = yaml.load(joined("global:\n  scrape_interval: 5s\n", centre), yaml.CSafeLoader)["remote_write"]
    assert sends["basic_auth"] == {"username": "plant-a", "password_file": "/s/p"}
    assert sends["tls_config"] == {"ca_file": "/s/ca.pem"}


@pytest.mark.parametrize("name", ["null", "4", "true"])
def test_a_name_stays_a_text_whatever_yaml_would_make_of_it(name: str) -> None:
    """Without a label the series of this plant would be mixed with those of others."""
    centre = CentreSettings(plant=name, write_url=URL, password_file=Path("/s/p"))
    after = yaml.load(joined("global:\n  scrape_interval: 5s\n", centre), yaml.CSafeLoader)
    assert after["global"]["external_labels"] == {"plant": name}
    assert after["remote_write"][0]["basic_auth"]["username"] == name


def test_an_authority_is_for_encrypted_connections() -> None:
    centre = CentreSettings(plant="plant-a", write_url="http://centre:9090/api/v1/write", ca_file=Path("/s/ca.pem"))
    (sends,) = yaml.load(joined("global:\n  scrape_interval: 5s\n", centre), yaml.CSafeLoader)["remote_write"]
    assert "tls_config" not in sends


@pytest.mark.parametrize("text", ["", "scrape_configs: []\n", "global: { scrape_interval: 5s }\n"])
def test_without_a_place_for_the_name_nothing_is_written(text: str) -> None:
    """Series without a plant's name would be mixed up at the centre."""
    with pytest.raises(NoGlobalPart, match="not a Prometheus configuration with a line `global:`"):
        joined(text, CentreSettings(plant="plant-a", write_url=URL))


@pytest.mark.parametrize(
    ("name", "is_sent"),
    [
        ("plant:power_watts:sum", True), ("up", True), ("ALERTS", True), ("energytrack_device_power_watts", False),
        ("upstream", False), ("ALERTS_FOR_STATE", False),
    ],
)  # fmt: skip
def test_what_is_recorded_leaves_the_plant_and_nothing_else(name: str, *, is_sent: bool) -> None:
    assert bool(re.fullmatch(SENT, name)) is is_sent
