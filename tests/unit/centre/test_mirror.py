"""MirrorMaker's settings: readings to the centre and nothing back, and no password in the file."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from centre.mirror import properties
from energytrack.centre.settings import CentreSettings
from energytrack.errors import InvalidSettings
from energytrack.settings import KafkaSettings
from energytrack.topics import COMMANDS, EVENTS, READINGS

PLACES = {"plant": "${file:/s:plant}", "centre": "${file:/s:centre}"}
CENTRE = CentreSettings(plant="plant-a", kafka_servers="centre.example:9093", ca_file=Path("/s/ca.pem"))


def settings_of(centre: CentreSettings, kafka: KafkaSettings) -> dict[str, str]:
    lines = properties(centre, kafka, PLACES).splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    names = [name for name, _, _ in pairs]
    assert len(names) == len(set(names))
    return {name: value for name, _, value in pairs}


def test_readings_and_events_go_one_way_and_orders_do_not_go() -> None:
    written = settings_of(CENTRE, KafkaSettings())
    assert (written["plant-a->centre.enabled"], written["centre->plant-a.enabled"]) == ("true", "false")
    assert written["plant-a->centre.topics"].split(",") == [READINGS, EVENTS]
    assert COMMANDS not in written["plant-a->centre.topics"]
    assert written["groups"] == ""
    assert written["centre.bootstrap.servers"] == "centre.example:9093"


def test_on_a_shared_broker_its_own_topics_are_copied() -> None:
    written = settings_of(CENTRE, KafkaSettings(topic_prefix="south."))
    assert written["plant-a->centre.topics"] == f"south.{READINGS},south.{EVENTS}"


def test_what_it_keeps_at_the_centre_begins_with_the_plants_name() -> None:
    """There its user may write, and nowhere else."""
    written = settings_of(CENTRE, KafkaSettings())
    kept = {written[f"{kind}.storage.topic"] for kind in ("offset", "config", "status")}
    assert len(kept) == 3
    assert all(topic.startswith("plant-a.") for topic in kept)


def test_each_side_is_reached_as_its_own_settings_say() -> None:
    kafka = KafkaSettings(
        security_protocol="SASL_PLAINTEXT", username="mirror", password=SecretStr("x"), sasl_mechanism="PLAIN"
    )
    written = settings_of(CENTRE, kafka)
    assert written["plant-a.security.protocol"] == "SASL_PLAINTEXT"
    assert "PlainLoginModule" in written["plant-a.sasl.jaas.config"]
    assert 'username="mirror" password="${file:/s:plant}"' in written["plant-a.sasl.jaas.config"]
    assert "plant-a.ssl.truststore.location" not in written
    assert written["centre.security.protocol"] == "SASL_SSL"
    assert written["centre.ssl.truststore.location"] == "/s/ca.pem"
    assert 'username="plant-a" password="${file:/s:centre}"' in written["centre.sasl.jaas.config"]


def test_what_is_meant_for_the_worker_has_the_targets_name_before_it() -> None:
    """MirrorMaker ignores these without it: it passes on few settings of its own accord."""
    written = settings_of(CENTRE, KafkaSettings())
    assert written["centre.offset.flush.interval.ms"] == "5000"
    assert written["centre.scheduled.rebalance.max.delay.ms"] == "0"
    passed_on = ("offset.storage.", "config.storage.", "status.storage.", "task", "config.providers", "replication.")
    own = ("clusters", "groups", "emit.", "refresh.", "sync.", "plant-a", "centre.", "centre->")
    assert [name for name in written if not name.startswith((*passed_on, *own))] == []


@pytest.mark.parametrize("centre", [CentreSettings(), CentreSettings(plant="plant-a")])
def test_a_plant_without_a_centre_hears_which_setting_it_lacks(centre: CentreSettings) -> None:
    with pytest.raises(InvalidSettings, match="ENERGYTRACK_CENTRE_KAFKA_SERVERS: needed to copy readings"):
        properties(centre, KafkaSettings(), PLACES)


def test_no_plant_has_the_centres_name() -> None:
    with pytest.raises(InvalidSettings, match="ENERGYTRACK_CENTRE_PLANT: a plant needs a name of its own"):
        properties(CentreSettings(plant="centre", kafka_servers="centre.example:9093"), KafkaSettings(), PLACES)
