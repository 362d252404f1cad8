"""Which names a service answers to."""

import pytest

from energytrack.running.hosts import is_ours


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:9403", "localhost:8000", "[::1]:8000", "10.4.1.7", "historian:9403", "control-api", "",
     "prometheus.energytrack.svc:9090", "plant.example:8080", "Plant.Example", "plant.example."],
)  # fmt: skip
def test_addresses_and_names_of_the_house_are_ours(host: str) -> None:
    assert is_ours(host, {"plant.example"})


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.nip.io", "plant.example.evil.org"],
)
def test_a_strangers_name_is_not(host: str) -> None:
    assert not is_ours(host, {"plant.example"})
