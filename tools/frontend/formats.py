"""Makes a JavaScript module with the formats of the operators' page from the Python types that the service sends."""

import typing
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Final, Literal

import msgspec
from pydantic import BaseModel

from control_api.alarms.case_schemas import CaseResponse
from control_api.alarms.schemas import AlarmResponse, LogEntryResponse
from control_api.baselines.schemas import (
    AdjustmentResponse,
    BaselineResponse,
    CheckResponse,
    CourseResponse,
    ExclusionResponse,
    KnownVariableResponse,
    OwnVariableResponse,
    PerformanceResponse,
    PointResponse,
    RejectedResponse,
    SavingResponse,
    TermResponse,
)
from control_api.bill.schemas import BillResponse, InvoiceResponse, LineResponse, PeakResponse
from control_api.bulk.schemas import PlanResponse, PlanStepResponse
from control_api.devices.schemas import (
    DeviceResponse,
    FactorResponse,
    HistoryResponse,
    KnownSecondsResponse,
    LikelyComponentResponse,
    LikelyModeResponse,
    MeterResponse,
    RecommendationResponse,
    RemainingLifeResponse,
    StopOptionResponse,
)
from control_api.energy.schemas import CorrectionResponse, EnergyRowResponse, SuspectResponse
from control_api.http.schemas import LockResponse, OrderResponse
from control_api.imports.schemas import (
    FindingResponse,
    ImportedMachineResponse,
    ImportedRateResponse,
    ImportResponse,
    InspectionResponse,
    QuestionResponse,
)
from control_api.live.fleet import Update
from control_api.machines.schemas import MachineRecordResponse, UnknownMachineResponse
from control_api.measures.schemas import MeasureChangeResponse, MeasureResponse
from control_api.paging.schemas import (
    DutyResponse,
    EscalationResponse,
    NoiseResponse,
    PagedPersonResponse,
    RuleNoiseResponse,
    WatchResponse,
)
from control_api.peak.schemas import DeferrableMachineResponse, PeakNowResponse, PeakProposalResponse, QuarterResponse
from control_api.plant_meters.schemas import MeterRowResponse
from control_api.production.schemas import (
    LossResponse,
    ProductionRowResponse,
    StopReasonResponse,
    StopResponse,
    StopsResponse,
)
from control_api.reports.schemas import FigureResponse, ReportResponse
from control_api.schedules.schemas import ProposalResponse, ScheduleLogEntryResponse, ScheduleResponse
from control_api.web import assets

MODULE: Final = assets.HERE / "static" / "page" / "service" / "formats.js"
IDLE_ADVICE: Final = "scheduled_shutdown"
"""The recommendation for which the page offers a schedule."""

SHAPES: Final[Mapping[str, type[BaseModel]]] = {
    "Factor": FactorResponse,
    "LikelyMode": LikelyModeResponse,
    "LikelyComponent": LikelyComponentResponse,
    "StopOption": StopOptionResponse,
    "RemainingLife": RemainingLifeResponse,
    "Recommendation": RecommendationResponse,
    "Lock": LockResponse,
    "Order": OrderResponse,
    "DeviceFacts": DeviceResponse,
    "KnownSeconds": KnownSecondsResponse,
    "MeterFacts": MeterResponse,
    "Alarm": AlarmResponse,
    "AlarmEntry": LogEntryResponse,
    "Case": CaseResponse,
    "Watch": WatchResponse,
    "PagedPerson": PagedPersonResponse,
    "Escalation": EscalationResponse,
    "Duty": DutyResponse,
    "RuleNoise": RuleNoiseResponse,
    "Noise": NoiseResponse,
    "EnergyRow": EnergyRowResponse,
    "Suspect": SuspectResponse,
    "PlantMeterRow": MeterRowResponse,
    "ProductionRow": ProductionRowResponse,
    "Stop": StopResponse,
    "StopReason": StopReasonResponse,
    "Loss": LossResponse,
    "Stops": StopsResponse,
    "Correction": CorrectionResponse,
    "BillLine": LineResponse,
    "Invoice": InvoiceResponse,
    "Peak": PeakResponse,
    "Bill": BillResponse,
    "Baseline": BaselineResponse,
    "BaselineTerm": TermResponse,
    "BaselineRejected": RejectedResponse,
    "BaselineCheck": CheckResponse,
    "BaselineExclusion": ExclusionResponse,
    "BaselineAdjustment": AdjustmentResponse,
    "BaselineCourse": CourseResponse,
    "BaselinePoint": PointResponse,
    "Performance": PerformanceResponse,
    "Saving": SavingResponse,
    "Measure": MeasureResponse,
    "MeasureChange": MeasureChangeResponse,
    "OwnVariable": OwnVariableResponse,
    "KnownVariable": KnownVariableResponse,
    "DeferrableMachine": DeferrableMachineResponse,
    "PeakProposal": PeakProposalResponse,
    "PeakNow": PeakNowResponse,
    "Quarter": QuarterResponse,
    "ReportFigure": FigureResponse,
    "Report": ReportResponse,
    "Schedule": ScheduleResponse,
    "ScheduleEntry": ScheduleLogEntryResponse,
    "Proposal": ProposalResponse,
    "PlanStep": PlanStepResponse,
    "Plan": PlanResponse,
    "History": HistoryResponse,
    "UnknownMachine": UnknownMachineResponse,
    "MachineRecord": MachineRecordResponse,
    "Import": ImportResponse,
    "ImportFinding": FindingResponse,
    "ImportQuestion": QuestionResponse,
    "ImportedMachine": ImportedMachineResponse,
    "ImportedRate": ImportedRateResponse,
    "Inspection": InspectionResponse,
}
"""The page's names for the API's responses."""

PLAIN: Final[Mapping[Any, str]] = {
    str: "string",
    float: "number",
    int: "number",
    bool: "boolean",
    NoneType: "null",
    dict: "Object<string, any>",
}
HEAD: Final = "// Made by `python -m tools.frontend` from the Python types; what is changed here is lost.\n"


def rendered() -> str:
    fields = msgspec.structs.fields(Update)
    names = ", ".join(f'"{field.name}"' for field in fields)
    live = _typedef("LiveDevice", {field.name: field.type for field in fields})
    shapes = "\n".join(
        _typedef(name, {field: about.annotation for field, about in model.model_fields.items()})
        for name, model in SHAPES.items()
    )
    return (
        f"{HEAD}\n"
        "/** A machine's update on the live connection is an array; these are its fields, in their order. */\n"
        f"export const LIVE_FIELDS = /** @type {{const}} */ ([{names}]);\n\n"
        "/** From the array to an object. @param {readonly unknown[]} update @returns {LiveDevice} */\n"
        "export const unpacked = (update) => /** @type {LiveDevice} */ (Object.fromEntries(\n"
        "  LIVE_FIELDS.map((field, index) => [field, update[index]])));\n\n"
        "/** The code of the recommendation that a schedule answers. */\n"
        f'export const IDLE_ADVICE = "{IDLE_ADVICE}";\n\n'
        f"{live}\n{shapes}"
    )


def _typedef(name: str, fields: Mapping[str, Any]) -> str:
    lines = [f" * @property {{{_javascript(kind)}}} {field}\n" for field, kind in fields.items()]
    return f"/**\n * @typedef {{object}} {name}\n{''.join(lines)} */\n"


def _javascript(kind: Any) -> str:
    """A Python type in JSDoc, as it is in JSON: times are strings."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _javascript(arguments[0])
    if origin is Literal:
        return " | ".join(f'"{value}"' if isinstance(value, str) else str(value) for value in arguments)
    if origin in {UnionType, typing.Union}:
        return " | ".join(_javascript(one) for one in arguments)
    if origin in {list, tuple}:
        return f"Array<{_javascript(arguments[0])}>"
    return PLAIN.get(origin or kind) or _type_name(kind)


def _type_name(kind: type) -> str:
    """The page's name of a model; a time, like everything else, is a string."""
    name = next((name for name, model in SHAPES.items() if model is kind), "string")
    if name == "string" and issubclass(kind, BaseModel):
        raise TypeError(f"{kind.__name__} has no name in SHAPES")
    return name
