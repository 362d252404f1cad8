"""The generated configuration says what the services are, and keeps their secrets to this user."""

from configparser import RawConfigParser
from dataclasses import replace
from pathlib import Path

import pytest
from supervisor.datatypes import dict_of_key_value_pairs

from local.errors import CannotPrepare
from local.lifecycle.supervisord import configuration, socket_path
from local.services.catalogue import services
from local.services.definition import ServiceDefinition
from local.services.mongo import mongo_service
from local.site import Site

SITE = Site(var=Path("/srv/plant/var"))


def parsed(text: str) -> RawConfigParser:
    parser = RawConfigParser(inline_comment_prefixes=(";", "#"))
    parser.read_string(text)
    return parser


def an_environment(service: ServiceDefinition) -> dict[str, str]:
    text = configuration(SITE, [service], {})
    return dict(dict_of_key_value_pairs(parsed(text)[f"program:{service.name}"]["environment"].replace("%%", "%")))


def test_every_service_is_started_on_request_and_kept_running() -> None:
    parser = parsed(configuration(SITE, services(SITE), {}))
    for service in services(SITE):
        program = parser[f"program:{service.name}"]
        assert program["autostart"] == "false"
        assert program["autorestart"] == "true"
        assert program["stopwaitsecs"] == str(service.stop_seconds)
        assert program["stdout_logfile"] == f"/srv/plant/var/log/{service.name}.log"


def test_environments_survive_supervisord_s_own_syntax() -> None:
    env = {"URI": "mongodb://u:p%40ss@db:27017/?a=1,b=2", "EMPTY": "", "WORDS": "two words;and#"}
    assert an_environment(replace(mongo_service(SITE), env=env)) == env


def test_a_value_that_it_cannot_carry_is_refused() -> None:
    for value in ('a"b', "a'b", "a\nb", "a #b", "a ;b"):
        with pytest.raises(CannotPrepare, match="PASSWORD holds a quote"):
            an_environment(replace(mongo_service(SITE), env={"PASSWORD": value}))


def test_a_path_too_long_for_a_socket_is_said_before_it_fails() -> None:
    with pytest.raises(CannotPrepare, match="too long for the path of a socket"):
        socket_path(Site(var=Path("/" + "x" * 100)))
