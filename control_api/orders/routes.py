"""/api/restart, /api/shutdown and /api/commands: give orders, and see their results."""

from http import HTTPStatus
from typing import Final

from flask import Response, url_for
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.current import current_actor, current_caller
from control_api.http.csv_export import CSV_RESPONSE, MAX_ROWS, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import OrderResponse, QueryWithReason, order_response, typed_text
from control_api.orders.schemas import OrderHeaders, OrderPath, OrderRequest, OrdersQuery, OrdersResponse
from control_api.orders.service import OrderService
from energytrack.fields import Action
from energytrack.store.operations.commands import Order

NO_REASON: Final = "No reason was given."
HOW_TO_GIVE_ONE: Final = (
    "Every order has one, which is kept with it. Add it to the body, as in "
    '{{"device_id": "{device_id}", "reason": "end of shift"}}, or to the address: '
    "/api/{action}?reason=end%20of%20shift."
)


def orders_blueprint(orders: OrderService, *, token_reason: str | None = None) -> APIBlueprint:
    """The routes; with `token_reason`, scripts may leave the reason out, and this is recorded."""
    api = APIBlueprint("commands", __name__, url_prefix="/api", abp_tags=[Tag(name="orders")])

    def placed(action: Action, query: QueryWithReason, body: OrderRequest, header: OrderHeaders) -> Response:
        reason = typed_text(body.reason or query.reason)
        if reason is None and current_caller().method == "token":
            reason = token_reason
        return _placed(orders, action, reason, body, header)

    @api.post("/restart", summary="Restart a machine", responses={202: OrderResponse})
    def restart(query: QueryWithReason, body: OrderRequest, header: OrderHeaders) -> Response:
        return placed("restart", query, body, header)

    @api.post("/shutdown", summary="Shut a machine down", responses={202: OrderResponse})
    def shutdown(query: QueryWithReason, body: OrderRequest, header: OrderHeaders) -> Response:
        return placed("shutdown", query, body, header)

    @api.get("/commands", summary="List orders", responses={200: OrdersResponse})
    def list_commands(query: OrdersQuery) -> Response:
        listed = orders.commands.find(query.filter(), limit=query.limit + 1, before=query.before)
        page, more = listed[: query.limit], len(listed) > query.limit
        return reply(
            OrdersResponse(
                commands=[order_response(order) for order in page], next=page[-1].command_id if more else None
            )
        )

    @api.get("/commands.csv", summary="Export orders", responses={200: CSV_RESPONSE})
    def export_commands(query: OrdersQuery) -> Response:
        return table("orders", Order, orders.commands.find(query.filter(), limit=MAX_ROWS, before=query.before))

    @api.get("/commands/<string:command_id>", summary="Show an order", responses={200: OrderResponse})
    def get_command(path: OrderPath) -> Response:
        order = orders.commands.get(path.command_id)
        if order is None:
            raise Problem("unknown_order", f"There is no order {path.command_id}.")
        return reply(order_response(order))

    return api


def _placed(
    orders: OrderService, action: Action, reason: str | None, body: OrderRequest, header: OrderHeaders
) -> Response:
    order = orders.new_order(
        current_actor(),
        device_id=body.device_id,
        action=action,
        reason=reason or "",
        override=body.override,
        idempotency_key=header.idempotency_key,
    )
    if reason is None:
        orders.keep_refused(order, NO_REASON)
        how = HOW_TO_GIVE_ONE.format(action=action, device_id=body.device_id)
        raise Problem("reason_needed", f"{NO_REASON} {how}")
    order = orders.place(order)
    response = reply(order_response(order), HTTPStatus.ACCEPTED)
    response.headers["Location"] = url_for("commands.get_command", command_id=order.command_id)
    return response
