"""Writes down what people and scripts ask for, before it is done, and why it was refused if it was.

A request that cannot be recorded is refused.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import msgspec
import structlog
from flask import Flask, Response, g, request

from control_api.auth.access import READING
from control_api.auth.current import current_actor
from control_api.auth.guard import least_role
from control_api.auth.identity import RANKS
from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.fields import DeviceId
from energytrack.security.audit import REFUSED, AuditEntry, RefusedRequest
from energytrack.store import Store

log = structlog.get_logger(__name__)

_ALARM: Final = "/api/alarms/<string:alarm_id>"
_CASE: Final = "/api/cases/<string:case_id>"
_DEVICE: Final = "/api/devices/<string:device_id>"
_SCHEDULE: Final = "/api/schedules/<string:schedule_id>"
STREAMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/api/shutdown": "orders",
        "/api/restart": "orders",
        "/api/bulk": "orders",
        "/api/commands/<string:command_id>/undo": "orders",
        f"{_DEVICE}/lock": "locks",
        f"{_DEVICE}/retire": "machines",
        f"{_DEVICE}/rename": "machines",
        f"{_DEVICE}/remove": "machines",
        "/api/alarms/acknowledge": "alarms",
        **{f"{_ALARM}/{step}": "alarms" for step in ("acknowledge", "snooze", "comment", "assign", "verdict")},
        **{f"{_CASE}/{step}": "alarms" for step in ("acknowledge", "snooze", "comment", "assign", "verdict")},
        "/api/duty/test": "alarms",
        "/api/energy/corrections": "corrections",
        "/api/people": "people",
        "/api/people/<string:name>": "people",
        "/api/baselines": "baselines",
        "/api/baselines/<string:baseline_id>": "baselines",
        "/api/baselines/<string:baseline_id>/approve": "baselines",
        "/api/baselines/<string:baseline_id>/retire": "baselines",
        "/api/variables": "baselines",
        "/api/variables/import": "baselines",
        "/api/measures": "measures",
        "/api/measures/scheduled-shutdown": "measures",
        "/api/measures/<string:measure_id>/change": "measures",
        "/api/measures/<string:measure_id>/end": "measures",
        "/api/stops/reason": "stops",
        "/api/schedules": "schedules",
        _SCHEDULE: "schedules",
        f"{_SCHEDULE}/pause": "schedules",
        f"{_SCHEDULE}/resume": "schedules",
        "/api/imports": "imports",
        "/api/imports/inspect": "imports",
        "/api/imports/prices": "imports",
        "/api/imports/<string:batch_id>/take-back": "imports",
        "/sign-out": "sign-ins",
    }
)
"""The chain that a route's requests are recorded in. The command line records in `tokens`."""


def install(app: Flask, store: Store, clock: Clock) -> None:
    """Record every change that somebody with a role asks for; install the guard and the checks of bodies first."""

    def append(deed: str, details: str) -> AuditEntry:
        actor = current_actor()
        rule = request.url_rule
        return store.audit.append(
            STREAMS[rule.rule if rule else ""],
            at=clock.now(),
            subject=actor.subject,
            role=actor.role,
            address=actor.address,
            deed=deed,
            details=details,
        )

    @app.before_request
    def record() -> None:
        if request.url_rule is None or request.method in READING or least_role(request) not in RANKS:
            return
        _log(append(f"{request.method} {request.path}", _details()))
        g.is_recorded = True

    @app.after_request
    def record_refusal(response: Response) -> Response:
        refused = HTTPStatus.BAD_REQUEST <= response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
        if refused and g.get("is_recorded"):
            try:
                details = msgspec.json.encode(_refusal(response, store)).decode()
                _log(append(f"{REFUSED}{request.method} {request.path}", details))
            except StoreUnavailable as error:  # nothing was done, so there is nothing to take back
                log.warning("a refusal was not recorded", path=request.path, error=error.detail)
        return response


def _log(entry: AuditEntry) -> None:
    """Whoever keeps this log elsewhere can prove that the end of a stream was not cut off."""
    log.info("recorded", stream=entry.stream, number=entry.number, hash=entry.hash, subject=entry.subject)


def _refusal(response: Response, store: Store) -> RefusedRequest:
    problem = response.get_json(silent=True) or {}
    return RefusedRequest(
        action=request.endpoint or "",
        device_id=_device_id(store),
        code=str(problem.get("type", "")).rpartition(":")[2],
        detail=str(problem.get("detail", response.status)),
    )


def _device_id(store: Store) -> str:
    """The machine that the request is about; empty if it is about none or several, or no machine can have the name."""
    try:
        return msgspec.convert(_named_machine(store), DeviceId)
    except msgspec.ValidationError:
        return ""


def _named_machine(store: Store) -> object:
    """The machine of what the path names, else the one that the body names."""
    for field, name in (request.view_args or {}).items():
        if field in _MACHINES:
            return _MACHINES[field](store, name)
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        return None
    selected = body.get("select")
    return body.get("device_id") or (_only(selected.get("device_ids")) if isinstance(selected, dict) else None)


def _only(device_ids: object) -> object:
    return device_ids[0] if isinstance(device_ids, list | tuple) and len(device_ids) == 1 else None


_MACHINES: Final[Mapping[str, Callable[[Store, str], object]]] = MappingProxyType(
    {
        "device_id": lambda _store, name: name,
        "alarm_id": lambda store, name: getattr(store.alarms.get(name), "device_id", None),
        "case_id": lambda store, name: None if store.alarms.get(name) else name,  # a machine, or an alarm about none
        "command_id": lambda store, name: getattr(store.commands.get(name), "device_id", None),
        "measure_id": lambda store, name: getattr(store.measures.get(name), "device_id", None),
        "schedule_id": lambda store, name: _only(getattr(store.schedules.get(name), "device_ids", None)),
    }
)
"""The machine that a field of the path leads to."""


def _details() -> str:
    if request.is_json or not request.content_length:
        return request.get_data(cache=True, as_text=True)
    return f"{request.content_length} bytes of {request.mimetype}"
