"""/api/restart, /api/shutdown and /api/commands: orders, and what came of them."""

from http import HTTPStatus

from flask import Response, url_for
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AwareDatetime, ConfigDict, Field

from control_api.auth.current import current_actor as actor
from control_api.http.csv_export import CSV_RESPONSE, MAX_ROWS, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import (
    DeviceId,
    OrderResponse,
    PageSize,
    Reason,
    RequestModel,
    ResponseModel,
    order_response,
)
from control_api.orders.service import OrderService, Wish
from energytrack.messages import Action
from energytrack.store.operations.commands import Commands, Order, OrderFilter, OrderStatus


class OrderRequest(RequestModel):
    """An order to one machine."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"device_id": "cnc-0007", "reason": "overheating"}]})

    device_id: DeviceId
    reason: Reason | None = Field(None, description="Why; here or in the query, where a quotation mark breaks nothing")
    override: bool = Field(False, description="Give the order although it disturbs a cycle or a shift")


class OrderHeaders(RequestModel):
    """Headers of an order."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    idempotency_key: str | None = Field(
        None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        description="The same key with the same order gives it once, however often it is sent",
    )


class OrderQuery(RequestModel):
    """What may stand in the address: Grafana's buttons put what is typed there as it is."""

    reason: Reason | None = Field(None, description="Why, where the body does not say it")


class OrderPath(RequestModel):
    """The order in the path."""

    command_id: str = Field(min_length=1, max_length=64)


class OrdersQuery(RequestModel):
    """Which orders, newest first, from which on."""

    device_id: DeviceId | None = None
    action: Action | None = None
    status: OrderStatus | None = None
    requested_by: str | None = Field(None, max_length=200)
    batch_id: str | None = Field(None, max_length=64)
    since: AwareDatetime | None = Field(None, description="Requested at or after this time, with its zone")
    until: AwareDatetime | None = Field(None, description="Requested before this time, with its zone")
    limit: PageSize = 50
    before: str | None = Field(None, max_length=64, description="`next` of the page before")


class OrdersResponse(ResponseModel):
    """A page of orders, newest first."""

    commands: list[OrderResponse]
    next: str | None = Field(description="`before` of the next page; null on the last one")


def orders_blueprint(desk: OrderService, commands: Commands) -> APIBlueprint:
    """The routes."""
    api = APIBlueprint("commands", __name__, url_prefix="/api", abp_tags=[Tag(name="orders")])

    @api.post("/restart", summary="Restart a machine", responses={202: OrderResponse})
    def restart(query: OrderQuery, body: OrderRequest, header: OrderHeaders) -> Response:
        return _placed(desk, "restart", query, body, header)

    @api.post("/shutdown", summary="Shut a machine down", responses={202: OrderResponse})
    def shutdown(query: OrderQuery, body: OrderRequest, header: OrderHeaders) -> Response:
        return _placed(desk, "shutdown", query, body, header)

    @api.get("/commands", summary="List orders", responses={200: OrdersResponse})
    def list_commands(query: OrdersQuery) -> Response:
        wanted = _wanted(query)
        found = commands.find(wanted, limit=query.limit + 1, before=query.before)
        page = found[: query.limit]
        more = len(found) > query.limit
        return reply(
            OrdersResponse(
                commands=[order_response(order) for order in page], next=page[-1].command_id if more else None
            )
        )

    @api.get("/commands.csv", summary="Export orders", responses={200: CSV_RESPONSE})
    def export_commands(query: OrdersQuery) -> Response:
        return table("orders", Order, commands.find(_wanted(query), limit=MAX_ROWS, before=query.before))

    @api.get("/commands/<string:command_id>", summary="Show an order", responses={200: OrderResponse})
    def get_command(path: OrderPath) -> Response:
        order = commands.get(path.command_id)
        if order is None:
            raise Problem("unknown_order", f"There is no order {path.command_id}.")
        return reply(order_response(order))

    return api


def _placed(
    desk: OrderService, action: Action, query: OrderQuery, body: OrderRequest, header: OrderHeaders
) -> Response:
    by, reason = actor(), body.reason or query.reason
    if reason is None:
        raise Problem("reason_needed", "Say why, as `reason` in the body or in the query.")
    order = desk.place(
        Wish(
            device_id=body.device_id,
            action=action,
            reason=reason,
            requested_by=by.subject,
            role=by.role,
            address=by.address,
            override=body.override,
            idempotency_key=header.idempotency_key,
        )
    )
    response = reply(order_response(order), HTTPStatus.ACCEPTED)
    response.headers["Location"] = url_for("commands.get_command", command_id=order.command_id)
    return response


def _wanted(query: OrdersQuery) -> OrderFilter:
    return OrderFilter(
        device_id=query.device_id,
        action=query.action,
        status=query.status,
        requested_by=query.requested_by,
        batch_id=query.batch_id,
        since=query.since,
        until=query.until,
    )
