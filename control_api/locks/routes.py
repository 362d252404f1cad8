"""/api/devices/<id>/lock and /api/locks: lockout/tagout for remote restarts."""

from http import HTTPStatus

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.current import current_actor
from control_api.http.csv_export import CSV_RESPONSE, MAX_ROWS, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import (
    DevicePath,
    LockResponse,
    QueryWithReason,
    RequestWithReason,
    lock_response,
    order_response,
    typed_text,
)
from control_api.locks.schemas import LockedResponse, LocksQuery, LocksResponse, ReleaseQuery
from control_api.locks.service import LockService
from energytrack.store.operations.locks import Lock


def locks_blueprint(service: LockService) -> APIBlueprint:
    api = APIBlueprint("locks", __name__, url_prefix="/api", abp_tags=[Tag(name="lockout/tagout")])

    @api.post("/devices/<string:device_id>/lock", summary="Lock out a machine", responses={201: LockedResponse})
    def lock(path: DevicePath, query: QueryWithReason, body: RequestWithReason) -> Response:
        reason = typed_text(body.reason or query.reason)
        if reason is None:
            raise Problem("reason_needed", "Give a reason, as `reason` in the body or in the query string.")
        held, restart = service.lock(path.device_id, by=current_actor(), reason=reason)
        return reply(
            LockedResponse(lock=lock_response(held), open_restart=None if restart is None else order_response(restart)),
            HTTPStatus.CREATED,
        )

    @api.delete("/devices/<string:device_id>/lock", summary="Release a machine", responses={200: LockResponse})
    def release(path: DevicePath, query: ReleaseQuery) -> Response:
        return reply(
            lock_response(service.release(path.device_id, by=current_actor(), reason=typed_text(query.reason)))
        )

    @api.get("/locks", summary="List locks, held and released", responses={200: LocksResponse})
    def list_locks(query: LocksQuery) -> Response:
        listed = service.locks.find(device_id=query.device_id, limit=query.limit + 1, before=query.before)
        page, more = listed[: query.limit], len(listed) > query.limit
        return reply(LocksResponse(locks=[lock_response(one) for one in page], next=page[-1].lock_id if more else None))

    @api.get("/locks.csv", summary="Export locks", responses={200: CSV_RESPONSE})
    def export_locks(query: LocksQuery) -> Response:
        return table("locks", Lock, service.locks.find(device_id=query.device_id, limit=MAX_ROWS, before=query.before))

    return api
