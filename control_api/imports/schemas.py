"""Requests about imported files, and the responses."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from control_api.http.schemas import DeviceId, Reason, RequestModel, ResponseModel, TextModel
from energytrack.contract.rates import RateKind
from energytrack.store.telemetry.imports import Batch, BatchState

Short = Field(None, min_length=1, max_length=64)


class ImportQuery(TextModel):
    """The file's name, and answers to what the file does not prove; the body of the request is the file."""

    name: str = Field(min_length=1, max_length=200, description="The file's name")
    what: Literal["auto", "energy", "readings", "parts", "prices"] = "auto"
    encoding: str | None = Short
    separator: Literal[";", ",", "\t", "|", " "] | None = None
    decimal: Literal[".", ","] | None = None
    date_order: Literal["dmy", "mdy", "ymd", "1904"] | None = Field(
        None, description="Of dates; 1904 where they are counts of days since then"
    )
    zone: str | None = Field(None, max_length=64, description="An IANA time zone, for times without one")
    labels: Literal["begin", "end"] | None = Field(None, description="The end of its interval that a row bears")
    values: Literal["interval", "register"] | None = None
    unit: Literal["Wh", "kWh", "MWh", "GWh", "MJ", "GJ", "W", "kW", "MW"] | None = Field(
        None, description="Of energy or power, where no heading says it, or a wrong one"
    )
    amounts: Literal["check", "as_stated"] | None = Field(
        None, description="`as_stated`: energy is right although its machine can hardly have used it"
    )
    device: DeviceId | None = Field(None, description="The machine that the whole file is of")
    devices: str | None = Field(
        None, max_length=20_000, description="NAME=MACHINE on each line: machines by the file's names for them"
    )
    signals: str | None = Field(
        None, max_length=20_000, description="COLUMN=SIGNAL on each line; without a signal, the column is left out"
    )
    columns: str | None = Field(None, max_length=200, description="A pattern: only these columns are signals")
    time_column: str | None = Field(None, max_length=200)
    device_column: str | None = Field(None, max_length=200)
    parts: str | None = Field(None, max_length=200, description="The column that counts parts; `-` where none does")
    parts_values: Literal["interval", "register", "lots"] | None = Field(
        None, description="Parts of each interval, a cumulative counter, or of lots that were finished at their time"
    )
    scrap: str | None = Field(None, max_length=200, description="The column that counts rejected parts; `-`: none")
    price: str | None = Field(None, max_length=200, description="The column with the price of energy; `-`: none")
    price_unit: Literal["per kWh", "per MWh", "ct/kWh"] | None = None
    emissions: str | None = Field(None, max_length=200, description="The column with the grid's emission factor")
    market: str | None = Field(None, max_length=200, description="The contract's `market_prices`, of several")
    vibration_hz: float | None = Field(
        None, gt=0, lt=1e9, description="The file, or each of a ZIP archive, is vibration sampled so often"
    )
    starts: AwareDatetime | None = Field(
        None, description="When the first count of a time column that only counts was, or the first of numbered files"
    )
    every_seconds: float | None = Field(None, gt=0, lt=1e7, description="How long one is after the other")


class StoreQuery(ImportQuery):
    """Store a file as it was inspected."""

    batch_id: str = Field(
        min_length=1, max_length=64, description="As the inspection answered it: what was seen is stored"
    )


class BatchPath(TextModel):
    batch_id: str = Field(min_length=1, max_length=64)


class TakeBackRequest(RequestModel):
    reason: Reason


class FindingResponse(ResponseModel):
    what: str
    value: str | None = Field(description="null where the file does not prove it")
    why: str


class QuestionResponse(ResponseModel):
    """A question about what the file does not prove; with the answer, the file is inspected again."""

    what: str = Field(description="The query field that says it")
    problem: str
    suggestion: str | None
    options: list[str] = Field(description="What it may be; empty where anything may")


class ImportedMachineResponse(ResponseModel):
    """What the file contains about one machine."""

    device_id: str
    what: str
    values: int
    kwh: float | None
    parts: float | None
    is_known: bool = Field(description="Whether the plant file lists the machine")


class ImportedRateResponse(ResponseModel):
    """A price or an emission factor in the file, per kilowatt hour."""

    kind: RateKind
    first: datetime
    last: datetime = Field(description="When its last interval begins")
    values: int
    lowest: float
    highest: float


class ImportResponse(ResponseModel):
    """One import, stored or taken back."""

    batch_id: str
    file: str
    state: BatchState
    by: str
    at: datetime
    machines: list[str]
    first: datetime
    last: datetime
    kwh: float | None
    quarters: int
    parts: float | None
    readings: int
    events: int
    rates: int = Field(description="Prices and emission factors; such an import holds nothing else")
    market: str = Field(description="The contract's `market_prices` that its prices belong to")
    taken_back_by: str | None
    taken_back_at: datetime | None
    taken_back_why: str | None


class InspectionResponse(ResponseModel):
    """What a file is, before anything is stored."""

    question: QuestionResponse | None
    findings: list[FindingResponse]
    rows: int
    samples: list[list[str]] = Field(description="Some rows as they stand in the file, headings first")
    holds: list[ImportedMachineResponse]
    rates: list[ImportedRateResponse]
    currency: str = Field(description="Of the contract, in which prices are")
    new_prices: int = Field(description="Prices of times that the contract has none for")
    changed_prices: int = Field(description="Prices that the contract has with another value")
    would_store: ImportResponse | None
    already: ImportResponse | None = Field(description="The same content, stored before")
    too_old: int = Field(description="Readings older than the database keeps; they are left out")
    overlaps: int = Field(description="Days that other imports know, too")


class ImportsResponse(ResponseModel):
    imports: list[ImportResponse]


def import_response(batch: Batch) -> ImportResponse:
    return ImportResponse.model_validate(
        {name: getattr(batch, name) for name in ImportResponse.model_fields} | {"machines": list(batch.machines)}
    )
