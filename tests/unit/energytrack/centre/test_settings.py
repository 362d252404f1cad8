"""The settings of a plant that is one of several; a wrong one gets a sentence with its variable."""

import re

import pytest

from energytrack.centre.settings import NAME, CentreSettings, plant_name
from energytrack.errors import InvalidSettings


def test_a_plant_alone_needs_none_of_them() -> None:
    alone = CentreSettings.from_env({})
    assert (alone.plant, alone.write_url, alone.kafka_servers) == (None, None, None)
    assert alone.kafka_security_protocol == "SASL_SSL"


@pytest.mark.parametrize("name", ["plant-a", "a", "4", "a" * 48])
def test_a_name_is_a_part_of_a_topic(name: str) -> None:
    assert CentreSettings.from_env({"ENERGYTRACK_CENTRE_PLANT": name}).plant == name


@pytest.mark.parametrize("name", ["Plant-A", "-a", "a-", "a.b", "a b", "wörk", "a" * 49, "a\n"])
def test_another_name_is_refused_with_what_was_given(name: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        CentreSettings.from_env({"ENERGYTRACK_CENTRE_PLANT": name})
    (problem,) = refused.value.problems
    assert problem.startswith("ENERGYTRACK_CENTRE_PLANT: ")
    assert repr(name) in problem


@pytest.mark.parametrize(
    ("variable", "value"),
    [("WRITE_URL", "https://centre.example/api/v1/write"), ("KAFKA_SERVERS", "centre.example:9093")],
)
def test_who_sends_to_a_centre_has_a_name(variable: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match="PLANT: needed if there is a centre"):
        CentreSettings.from_env({f"ENERGYTRACK_CENTRE_{variable}": value})


@pytest.mark.parametrize(
    ("variable", "value"), [("WRITE_URL", "centre.example/api"), ("KAFKA_SECURITY_PROTOCOL", "TLS")]
)
def test_what_cannot_be_meant_is_named(variable: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=f"ENERGYTRACK_CENTRE_{variable}: .*, got '{value}'"):
        CentreSettings.from_env({"ENERGYTRACK_CENTRE_PLANT": "plant-a", f"ENERGYTRACK_CENTRE_{variable}": value})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Werk Süd 2", "werk-sud-2"), ("  Åre/Plant ", "are-plant"), ("工厂", ""), ("x" * 47 + " y", "x" * 47)],
)
def test_a_name_of_the_plant_file_becomes_one_for_topics(name: str, expected: str) -> None:
    assert plant_name(name) == expected
    assert not expected or re.fullmatch(NAME, expected)
