"""Requests that give orders or list them, and the responses."""

from pydantic import AwareDatetime, ConfigDict, Field

from control_api.http.schemas import DeviceId, OrderResponse, PageSize, RequestWithReason, ResponseModel, TextModel
from energytrack.fields import Action
from energytrack.store.operations.commands import OrderFilter, OrderStatus


class OrderRequest(RequestWithReason):
    """An order to one machine."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"device_id": "cnc-0007", "reason": "overheating"}]})

    device_id: DeviceId
    override: bool = Field(False, description="Give the order even if it interrupts a cycle or a shift")


class OrderHeaders(TextModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    idempotency_key: str | None = Field(
        None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        description="The same order with the same key is given once, however often it is sent",
    )


class OrderPath(TextModel):
    command_id: str = Field(min_length=1, max_length=64)


class OrdersQuery(TextModel):
    """Which orders, newest first."""

    device_id: DeviceId | None = None
    action: Action | None = None
    status: OrderStatus | None = None
    requested_by: str | None = Field(None, max_length=200)
    batch_id: str | None = Field(None, max_length=64)
    since: AwareDatetime | None = Field(None, description="Requested at or after this time, with its zone")
    until: AwareDatetime | None = Field(None, description="Requested before this time, with its zone")
    limit: PageSize = 50
    before: str | None = Field(None, max_length=64, description="`next` of the previous page")

    def filter(self) -> OrderFilter:
        return OrderFilter(
            device_id=self.device_id,
            action=self.action,
            status=self.status,
            requested_by=self.requested_by,
            batch_id=self.batch_id,
            since=self.since,
            until=self.until,
        )


class OrdersResponse(ResponseModel):
    """A page of orders, newest first."""

    commands: list[OrderResponse]
    next: str | None = Field(description="`before` of the next page; null on the last one")
