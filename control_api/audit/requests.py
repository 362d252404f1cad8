"""Writes down what people and scripts ask for, before it is done: a request that cannot be recorded is refused."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import structlog
from flask import Flask, request

from control_api.auth.current import current_actor
from control_api.auth.guard import READING, least_role
from control_api.auth.identity import RANKS
from energytrack.clock import Clock
from energytrack.store.operations.audit import Audit

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


def install(app: Flask, audit: Audit, clock: Clock) -> None:
    """Record every change that somebody with a role asks for; install the guard and the checks of bodies first."""

    @app.before_request
    def record() -> None:
        if request.url_rule is None or request.method in READING or least_role(request) not in RANKS:
            return
        actor = current_actor()
        entry = audit.append(
            STREAMS[request.url_rule.rule],
            at=clock.now(),
            subject=actor.subject,
            role=actor.role,
            address=actor.address,
            deed=f"{request.method} {request.path}",
            details=_details(),
        )
        # Whoever keeps this log elsewhere can prove that the end of a stream was not cut off.
        log.info("recorded", stream=entry.stream, number=entry.number, hash=entry.hash, subject=entry.subject)


def _details() -> str:
    if request.is_json or not request.content_length:
        return request.get_data(cache=True, as_text=True)
    return f"{request.content_length} bytes of {request.mimetype}"
