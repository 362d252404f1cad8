"""The caller of the current request; only for routes that need a role."""

from typing import cast

import flask

from control_api.auth.access import Caller
from control_api.auth.identity import Actor


def remember_caller(caller: Caller | None) -> None:
    flask.g.caller = caller


def current_caller() -> Caller:
    return cast(Caller, flask.g.caller)


def current_actor() -> Actor:
    identity = current_caller().identity
    return Actor(identity.subject, identity.role, flask.request.remote_addr or "")
