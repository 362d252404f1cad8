"""/api/bulk and /api/commands/<id>/undo: orders to many machines, with a dry run."""

from http import HTTPStatus

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.current import current_actor
from control_api.bulk.rules import BulkPlan
from control_api.bulk.schemas import BulkRequest, PlanResponse, UndoRequest, plan_response
from control_api.bulk.service import BulkService
from control_api.http.replies import reply
from control_api.orders.schemas import OrderPath
from energytrack.store.operations.commands import Order


def bulk_blueprint(bulk_service: BulkService) -> APIBlueprint:
    api = APIBlueprint("batches", __name__, url_prefix="/api", abp_tags=[Tag(name="orders")])

    @api.post("/bulk", summary="Order many machines", responses={200: PlanResponse, 202: PlanResponse})
    def bulk(body: BulkRequest) -> Response:
        plan = bulk_service.plan(body.action, body.select.selection(), override=body.override)
        if body.dry_run:
            return _planned(plan)
        return _ordered(plan, *bulk_service.order(plan, by=current_actor(), reason=body.reason, override=body.override))

    @api.post("/commands/<string:command_id>/undo", summary="Restart what an order or a batch stopped",
              responses={200: PlanResponse, 202: PlanResponse})  # fmt: skip
    def undo(path: OrderPath, body: UndoRequest) -> Response:
        plan = bulk_service.plan_undo(path.command_id)
        if body.dry_run:
            return _planned(plan)
        return _ordered(
            plan,
            *bulk_service.order(plan, by=current_actor(), reason=body.reason, override=False, undoes=path.command_id),
        )

    return api


def _planned(plan: BulkPlan) -> Response:
    return reply(plan_response(plan, batch_id=None, orders=[]))


def _ordered(plan: BulkPlan, batch_id: str, orders: list[Order]) -> Response:
    return reply(plan_response(plan, batch_id=batch_id, orders=orders), HTTPStatus.ACCEPTED)
