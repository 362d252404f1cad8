"""Requests about locks, and the responses."""

from pydantic import Field

from control_api.http.schemas import (
    DeviceId,
    LockResponse,
    OrderResponse,
    PageSize,
    ResponseModel,
    TextModel,
    TypedModel,
)


class ReleaseQuery(TypedModel):
    reason: str | None = Field(
        None, min_length=1, max_length=500, description="Required unless the caller holds the lock"
    )


class LocksQuery(TextModel):
    """Which locks, newest first."""

    device_id: DeviceId | None = None
    limit: PageSize = 50
    before: str | None = Field(None, max_length=64, description="`next` of the previous page")


class LockedResponse(ResponseModel):
    """A machine that was just locked."""

    lock: LockResponse
    open_restart: OrderResponse | None = Field(
        description="A restart that was already in progress; it may still take effect, so wait until it is closed"
    )


class LocksResponse(ResponseModel):
    """A page of locks, held and released."""

    locks: list[LockResponse]
    next: str | None = Field(description="`before` of the next page; null on the last one")
