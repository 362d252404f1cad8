import pytest

from control_api.settings import ControlApiSettings, named, proxies
from energytrack.errors import InvalidSettings


def test_a_list_has_members_and_no_empty_ones() -> None:
    assert named(" https://a.example , http://b.example:8080,, ") == {"https://a.example", "http://b.example:8080"}


def test_proxies_are_listed_as_the_front_door_lists_them_or_with_commas() -> None:
    assert proxies("caddy 10.0.0.0/8") == proxies("caddy,10.0.0.0/8") == {"caddy", "10.0.0.0/8"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("ORIGINS", "plant.example"), ("ORIGINS", "https://plant.example/path"), ("TRUSTED_PROXIES", "10.0.0.0/99")],
)
def test_what_is_not_an_origin_or_a_network_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings):
        ControlApiSettings.from_env({f"ENERGYTRACK_CONTROL_API_{name}": value})


def test_prometheus_is_asked_with_a_user_and_a_password_or_with_neither() -> None:
    user = {"ENERGYTRACK_CONTROL_API_PROMETHEUS_USERNAME": "energytrack"}
    password = {"ENERGYTRACK_CONTROL_API_PROMETHEUS_PASSWORD": "a password"}
    assert ControlApiSettings.from_env({}).prometheus_auth() is None
    assert ControlApiSettings.from_env(user | password).prometheus_auth() == ("energytrack", "a password")
    for half in (user, password):
        with pytest.raises(InvalidSettings, match="PROMETHEUS_PASSWORD: expected a user and a password") as refused:
            ControlApiSettings.from_env(half)
        assert "a password'" not in str(refused.value)
