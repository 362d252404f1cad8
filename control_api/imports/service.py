"""Inspects, stores and takes back uploaded files. Each request brings the file, so nothing is kept in between."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import msgspec
import numpy as np

from control_api.auth.identity import Actor
from control_api.http.problems import Problem
from control_api.imports.schemas import (
    FindingResponse,
    ImportedMachineResponse,
    ImportedRateResponse,
    ImportQuery,
    InspectionResponse,
    QuestionResponse,
    import_response,
)
from control_api.imports.turn import Turn
from energytrack.bill.imported import ImportedPrices
from energytrack.clock import Clock
from energytrack.errors import ExtraMissing
from energytrack.importer.choices import (
    ALLOWED,
    PAIRS,
    Choices,
    FileFinding,
    NotProved,
    UnreadableFile,
    pair_of,
)
from energytrack.importer.content import Content
from energytrack.importer.destinations.amounts import DoubtfulAmount, checked_amounts, needing_past
from energytrack.importer.destinations.batches import (
    ImportPlan,
    NothingToStore,
    UnknownBatch,
    headings_of,
    plan,
    profile_for,
)
from energytrack.importer.destinations.batches import store_batch as store_planned
from energytrack.importer.destinations.batches import take_back as take_batch_back
from energytrack.importer.destinations.past import past_of
from energytrack.importer.destinations.prices import UnusablePrices
from energytrack.importer.destinations.rates import RatePlan, holds_rates, plan_rates, store_rates
from energytrack.importer.formats.packed import MOST_UPLOADED_BYTES, files_in
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.telemetry.imports import Batch

FIELDS = (
    "encoding", "separator", "decimal", "date_order", "zone", "labels", "values", "unit", "amounts", "device",
    "devices", "signals", "columns", "time_column", "starts", "every_seconds", "device_column", "parts", "parts_values",
    "scrap", "price", "price_unit", "emissions", "market",
)  # fmt: skip


NONE: Final = "-"
"""What a person writes for a column that is not there: an empty field says nothing."""
COLUMNS_OR_NONE: Final = frozenset({"parts", "scrap", "price"})


@dataclass(frozen=True)
class ImportService:
    store: Store
    plant: Plant
    clock: Clock
    keep: timedelta
    """How long the database keeps readings."""
    prices: ImportedPrices
    turn: Turn = field(default_factory=Turn)

    def inspect(self, raw: bytes, query: ImportQuery, *, by: Actor) -> InspectionResponse:
        """What a file contains and what storing it would do, or the first question that it leaves open."""
        with self.turn.taken():
            try:
                content, choices = self._read(raw, query)
                if holds_rates(content, query.what):
                    return self._rates_response(content, self._plan_rates(content, choices, by=by))
                return self._inspection_response(content, self._plan(content, choices, query, by=by))
            except NotProved as question:
                return self._question_response(question)
            except NothingToStore as nothing:
                raise Problem("unreadable_file", str(nothing)) from nothing

    def store_file(self, raw: bytes, query: ImportQuery, *, batch_id: str, by: Actor) -> Batch:
        """Store an inspected file; it is refused if it would now be read differently."""
        with self.turn.taken():
            try:
                content, choices = self._read(raw, query)
                if holds_rates(content, query.what):
                    raise Problem(
                        "not_allowed", "Prices and emission factors need the role Admin: POST /api/imports/prices."
                    )
                planned = self._plan(content, choices, query, by=by)
            except (NotProved, NothingToStore) as error:
                raise Problem("unreadable_file", str(error)) from error
            _check_is_the_same(planned.batch, batch_id)
            return store_planned(self.store, content, planned, zone=self.plant.zone, keep=self.keep, what=query.what)

    def store_prices(self, raw: bytes, query: ImportQuery, *, batch_id: str, by: Actor) -> Batch:
        """Store the prices and factors that were inspected; they take effect at once here, in seconds elsewhere."""
        with self.turn.taken():
            try:
                content, choices = self._read(raw, query)
                planned = self._plan_rates(content, choices, by=by)
            except NotProved as error:
                raise Problem("unreadable_file", str(error)) from error
            _check_is_the_same(planned.batch, batch_id)
            stored = store_rates(self.store, planned)
            self.prices.look()
            return stored

    def take_back(self, batch_id: str, *, by: Actor, reason: str) -> Batch:
        """Delete everything that an import stored; its prices and factors no longer count."""
        known = self.store.imports.get(batch_id)
        if known is not None and known.rates and by.role != "Admin":
            raise Problem("not_allowed", f"Prices and emission factors need the role Admin; yours is {by.role}.")
        try:
            gone = take_batch_back(self.store, batch_id, by=by.subject, why=reason, now=self.clock.now())
        except UnknownBatch as error:
            raise Problem("unknown_import", f"There is no import {batch_id} that could be taken back.") from error
        self.prices.look()
        return gone

    def newest(self) -> Sequence[Batch]:
        return self.store.imports.newest()

    def _read(self, raw: bytes, query: ImportQuery) -> tuple[Content, Choices]:
        from energytrack.importer.reader import read_bytes  # noqa: PLC0415  # pandas, half a second of imports

        fields = {name: _said(name, value) for name in FIELDS if (value := getattr(query, name)) is not None}
        choices, zone = Choices(**fields), str(self.plant.zone)
        try:
            try:
                if query.vibration_hz is not None:
                    return self._vibration(raw, query, query.vibration_hz, choices), choices
                return self._checked(read_bytes(raw, query.name, choices, plant_zone=zone), choices, query), choices
            except NotProved as question:
                if query.vibration_hz is not None:
                    raise
                kept = self._as_the_last_one(raw, query)
                if kept is None or question.what in fields:
                    raise
                whole = {name: {**getattr(kept, name), **fields[name]} for name in PAIRS if name in fields}
                choices = msgspec.structs.replace(kept, **{**fields, **whole})
                return self._checked(read_bytes(raw, query.name, choices, plant_zone=zone), choices, query), choices
        except (UnreadableFile, ExtraMissing) as error:
            raise Problem("unreadable_file", f"{error}.") from error

    def _checked(self, content: Content, choices: Choices, query: ImportQuery) -> Content:
        """Add notes about odd amounts of energy; raises NotProved if the machines can hardly have used them."""
        past = past_of(self.store, self.plant, content, needing_past(content, self.plant, what=query.what))
        odd = checked_amounts(content, choices, self.plant, past, what=query.what)
        return replace(content, findings=(*content.findings, *odd))

    def _vibration(self, raw: bytes, query: ImportQuery, rate_hz: float, choices: Choices) -> Content:
        """The vibration features of the files in an archive."""
        from energytrack.importer.formats.vibration import SampledFile, Sampling, vibration_in  # noqa: PLC0415  # as above

        folder, files = files_in(raw, query.name, MOST_UPLOADED_BYTES)
        sampled = [SampledFile(name, read) for name, read in sorted(files.items())]
        sampling = Sampling(rate_hz, query.starts, query.every_seconds)
        content = vibration_in(sampled, folder, sampling, choices, plant_zone=str(self.plant.zone))
        return replace(content, name=query.name)  # people look for the file that they chose

    def _as_the_last_one(self, raw: bytes, query: ImportQuery) -> Choices | None:
        """How the last file with these headings was read, except for its machine."""
        from energytrack.importer.reader import read_bytes  # noqa: PLC0415  # as above

        guess = Choices(zone="UTC", labels="begin", values="interval", unit="kWh", decimal=".", date_order="dmy")
        for only_to_see_its_headings in (guess, msgspec.structs.replace(guess, device="any")):  # whatever its names
            try:
                content = read_bytes(raw, query.name, only_to_see_its_headings, plant_zone="UTC")
                break
            except NotProved:
                continue
            except UnreadableFile:
                return None
        else:
            return None
        kept = profile_for(self.store, headings_of(content))
        return None if kept is None else msgspec.structs.replace(kept, device=None)

    def _plan(self, content: Content, choices: Choices, query: ImportQuery, *, by: Actor) -> ImportPlan:
        return plan(
            self.store, content, choices, by=by.subject, now=self.clock.now(), zone=self.plant.zone, keep=self.keep,
            what=query.what,
        )  # fmt: skip

    def _plan_rates(self, content: Content, choices: Choices, *, by: Actor) -> RatePlan:
        self.prices.look()
        try:
            return plan_rates(self.store, content, choices, plant=self.plant, by=by.subject, now=self.clock.now())
        except (UnusablePrices, UnreadableFile) as error:
            raise Problem("unreadable_file", f"{error}.") from error

    def _rates_response(self, content: Content, planned: RatePlan) -> InspectionResponse:
        return InspectionResponse(
            question=None,
            findings=[_finding(each) for each in (*content.findings, *planned.findings)],
            rows=content.rows,
            samples=[list(row) for row in content.samples],
            holds=[],
            rates=[ImportedRateResponse.model_validate(each._asdict()) for each in planned.summaries],
            currency=self.plant.tariff.currency,
            new_prices=planned.new,
            changed_prices=planned.changed,
            would_store=import_response(planned.batch),
            already=None if planned.known is None else import_response(planned.known),
            too_old=0,
            overlaps=0,
        )

    def _question_response(self, question: NotProved) -> InspectionResponse:
        return InspectionResponse(
            question=QuestionResponse(
                what=question.what,
                problem=f"{question.problem}{_otherwise(question)}.",
                suggestion=question.suggestion,
                options=list(question.options or ALLOWED.get(question.what, ())),
            ),
            findings=[], rows=0, samples=[], holds=[], rates=[], currency=self.plant.tariff.currency, new_prices=0,
            changed_prices=0, would_store=None, already=None, too_old=0, overlaps=0,
        )  # fmt: skip

    def _inspection_response(self, content: Content, planned: ImportPlan) -> InspectionResponse:
        holds = [
            self._holding(name, "energy", int(np.isfinite(energy.kwh).sum()), energy.total)
            for name, energy in content.energy.items()
        ]
        holds += [
            self._holding(name, "parts", int(np.isfinite(parts.count).sum()), parts=parts.total)
            for name, parts in content.parts.items()
        ]
        holds += [self._holding(name, ", ".join(each.values), len(each)) for name, each in content.signals.items()]
        for name in sorted({event.device_id for event in content.events}):
            holds.append(self._holding(name, "events", sum(event.device_id == name for event in content.events)))
        return InspectionResponse(
            question=None,
            findings=[_finding(each) for each in content.findings],
            rows=content.rows,
            samples=[list(row) for row in content.samples],
            holds=holds,
            rates=[],
            currency=self.plant.tariff.currency,
            new_prices=0,
            changed_prices=0,
            would_store=import_response(planned.batch),
            already=None if planned.known is None else import_response(planned.known),
            too_old=planned.too_old,
            overlaps=planned.overlaps,
        )

    def _holding(
        self, device_id: str, what: str, values: int, kwh: float | None = None, parts: float | None = None
    ) -> ImportedMachineResponse:
        is_listed = self.plant.device(device_id) is not None
        return ImportedMachineResponse(
            device_id=device_id, what=what, values=values, kwh=kwh, parts=parts, is_known=is_listed
        )


def _otherwise(question: NotProved) -> str:
    return question.otherwise("set “Amounts” to “are right as stated”") if isinstance(question, DoubtfulAmount) else ""


def _said(name: str, value: Any) -> Any:
    """A person's answer to one question; raises Problem."""
    if name in COLUMNS_OR_NONE and value == NONE:
        return ""
    if name not in PAIRS:
        return value
    pairs = {}
    for number, line in enumerate(value.splitlines(), 1):
        if not line.strip():
            continue
        try:
            column, word = pair_of(line, PAIRS[name])
        except ValueError as error:
            raise Problem("invalid_request", f"{name}, line {number}: {error}.") from error
        pairs[column] = word
    return pairs


def _check_is_the_same(batch: Batch, batch_id: str) -> None:
    if batch.batch_id != batch_id:
        raise Problem(
            "import_changed", "The file is now read differently than when you looked at it. Look at it again."
        )


def _finding(found: FileFinding) -> FindingResponse:
    return FindingResponse(what=found.what, value=found.value, why=found.why)
