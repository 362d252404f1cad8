"""Settings of the local stack, and who is paged where there is no Grafana."""

import json

import pytest

from energytrack.errors import InvalidSettings
from local.settings import AlertsSettings, LocalSettings


def alerts(**env: str) -> AlertsSettings:
    return AlertsSettings.from_env({f"ENERGYTRACK_ALERTS_{name}": value for name, value in env.items()})


def test_a_second_stack_needs_its_own_ports_and_folder() -> None:
    settings = LocalSettings.from_env({"ENERGYTRACK_PORT_OFFSET": "100", "ENERGYTRACK_VAR": "/srv/two"})
    assert (settings.port_offset, str(settings.var)) == (100, "/srv/two")
    with pytest.raises(InvalidSettings, match="ENERGYTRACK_PORT_OFFSET"):
        LocalSettings.from_env({"ENERGYTRACK_PORT_OFFSET": "60000"})


def test_passwords_are_a_switch() -> None:
    assert not LocalSettings.from_env({}).local_passwords
    assert LocalSettings.from_env({"ENERGYTRACK_LOCAL_PASSWORDS": "1"}).local_passwords
    with pytest.raises(InvalidSettings, match=r"ENERGYTRACK_LOCAL_PASSWORDS: .*got 'perhaps'"):
        LocalSettings.from_env({"ENERGYTRACK_LOCAL_PASSWORDS": "perhaps"})


@pytest.mark.parametrize(
    ("env", "contacts"),
    [
        ({}, None),
        ({"PAGER_URL": "https://pager.example/hook"}, "pager"),
        ({"MAIL_TO": "a@plant.example", "SMTP_HOST": "mail:587"}, "mail"),
        (
            {"MAIL_TO": "a@plant.example", "SMTP_HOST": "mail:587", "PAGER_URL": "https://pager.example/hook"},
            "mail-and-pager",
        ),
    ],
)
def test_the_contacts_are_those_that_are_set(env: dict[str, str], contacts: str | None) -> None:
    assert alerts(**env).contacts == contacts


def test_mail_needs_a_server() -> None:
    with pytest.raises(InvalidSettings, match="SMTP_HOST"):
        alerts(MAIL_TO="a@plant.example")


def test_values_stand_in_yaml_whatever_is_in_them() -> None:
    """A quotation mark or a colon of an address does not end a line there; what is not set is empty."""
    values = alerts(MAIL_FROM='"Plant: one" <et@plant.example>').values()
    assert json.loads(values["ENERGYTRACK_ALERTS_MAIL_FROM"]) == '"Plant: one" <et@plant.example>'
    assert json.loads(values["ENERGYTRACK_ALERTS_PAGER_URL"]) == ""
