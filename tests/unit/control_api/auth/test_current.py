"""Who sent the request that is being served."""

import pytest
from flask import Flask

from control_api.auth.access import Caller
from control_api.auth.current import current_actor, current_caller, remember_caller
from control_api.auth.identity import Actor, Identity

MARIA = Caller(Identity("grafana:maria", "Editor"), "grafana", "csrf")


def test_what_is_kept_with_a_change_names_who_and_from_where() -> None:
    with Flask("test").test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.7"}):
        remember_caller(MARIA)
        assert current_caller() is MARIA
        assert current_actor() == Actor("grafana:maria", "Editor", "192.0.2.7")


def test_an_address_that_nobody_knows_is_empty() -> None:
    with Flask("test").test_request_context(environ_base={"REMOTE_ADDR": None}):
        remember_caller(MARIA)
        assert current_actor().address == ""


def test_one_request_knows_nothing_of_another() -> None:
    """A route that nobody was asked for fails, rather than act for whoever came before."""
    app = Flask("test")
    with app.test_request_context():
        remember_caller(MARIA)
    with app.test_request_context(), pytest.raises(AttributeError):
        current_caller()
