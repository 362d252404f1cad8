"""Requests about machines that come and go, and the responses."""

from datetime import datetime

from pydantic import Field

from control_api.http.schemas import DeviceId, Reason, RequestModel, ResponseModel
from energytrack.store.operations.machines import Deed, MachineRecord


class RetireRequest(RequestModel):
    reason: Reason


class RenameRequest(RequestModel):
    to: DeviceId = Field(description="The machine's id from now on; its gateway has to send this one")
    reason: Reason


class RemoveRequest(RequestModel):
    device_id: DeviceId = Field(description="The id once more: what is removed does not come back")
    reason: Reason


class MachineRecordResponse(ResponseModel):
    """What somebody did to a machine's entry."""

    record_id: str
    device_id: str
    deed: Deed
    by: str
    at: datetime
    why: str
    to: str | None
    documents: dict[str, int] = Field(description="How much was changed or deleted, by collection")


class MachineRecordsResponse(ResponseModel):
    records: list[MachineRecordResponse]


class UnknownMachineResponse(ResponseModel):
    """A machine that sends but is not in the plant file."""

    device_id: str
    device_type: str | None
    line: str | None
    last_reading_at: datetime | None
    toml: str = Field(description="The lines to add to plant.toml; what is not known stands in them as a question")


class UnknownMachinesResponse(ResponseModel):
    machines: list[UnknownMachineResponse]


def record_response(record: MachineRecord) -> MachineRecordResponse:
    return MachineRecordResponse.model_validate(
        {name: getattr(record, name) for name in MachineRecordResponse.model_fields}
        | {"documents": dict(record.documents)}
    )
