"""Files that people upload: looked at, stored, taken back. The file travels with each request, nothing waits here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import numpy as np

from control_api.auth.identity import Actor
from control_api.http.problems import Problem
from control_api.imports.schemas import (
    FindingResponse,
    ImportedMachineResponse,
    ImportQuery,
    InspectionResponse,
    QuestionResponse,
    import_response,
)
from energytrack.clock import Clock
from energytrack.errors import ExtraMissing
from energytrack.importer.choices import ALLOWED, Choices, NotProved, UnreadableFile
from energytrack.importer.content import Content
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
from energytrack.importer.reader import read_bytes
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.telemetry.imports import Batch

FIELDS = (
    "encoding", "separator", "decimal", "date_order", "zone", "labels", "values", "unit", "device", "columns",
    "time_column", "device_column", "parts", "parts_values",
)  # fmt: skip


@dataclass(frozen=True)
class ImportService:
    store: Store
    plant: Plant
    clock: Clock
    keep: timedelta
    """How long the database keeps readings."""

    def inspect(self, raw: bytes, query: ImportQuery, *, by: Actor) -> InspectionResponse:
        """What a file is and what storing it would do, or the first thing that it does not prove."""
        try:
            content, choices = self._read(raw, query)
        except NotProved as question:
            return _question_response(question)
        try:
            planned = self._plan(content, choices, query, by=by)
        except NothingToStore as nothing:
            raise Problem("unreadable_file", str(nothing)) from nothing
        return self._inspection_response(content, planned)

    def store_file(self, raw: bytes, query: ImportQuery, *, batch_id: str, by: Actor) -> Batch:
        """Store what was inspected; a file that is read otherwise now is refused."""
        try:
            content, choices = self._read(raw, query)
            planned = self._plan(content, choices, query, by=by)
        except (NotProved, NothingToStore) as error:
            raise Problem("unreadable_file", str(error)) from error
        if planned.batch.batch_id != batch_id:
            raise Problem("import_changed", "The file is read otherwise than when you looked at it. Look at it again.")
        return store_planned(self.store, content, planned, zone=self.plant.zone, keep=self.keep, what=query.what)

    def take_back(self, batch_id: str, *, by: Actor, reason: str) -> Batch:
        """Delete all that an import brought."""
        try:
            return take_batch_back(self.store, batch_id, by=by.subject, why=reason, now=self.clock.now())
        except UnknownBatch as error:
            raise Problem("unknown_import", f"There is no import {batch_id} that could be taken back.") from error

    def newest(self) -> Sequence[Batch]:
        """The last imports."""
        return self.store.imports.newest()

    def _read(self, raw: bytes, query: ImportQuery) -> tuple[Content, Choices]:
        given = {name: value for name in FIELDS if (value := getattr(query, name)) is not None}
        choices = Choices(**given)
        try:
            try:
                return read_bytes(raw, query.name, choices, plant_zone=str(self.plant.zone)), choices
            except NotProved as question:
                kept = self._as_the_last_one(raw, query)
                if kept is None or question.what in given:
                    raise
                choices = msgspec.structs.replace(kept, **given)
                return read_bytes(raw, query.name, choices, plant_zone=str(self.plant.zone)), choices
        except (UnreadableFile, ExtraMissing) as error:
            raise Problem("unreadable_file", f"{error}.") from error

    def _as_the_last_one(self, raw: bytes, query: ImportQuery) -> Choices | None:
        """How the last file with these headings was read, without the machine that it was of."""
        guess = Choices(zone="UTC", labels="begin", values="interval", unit="kWh", decimal=".", date_order="dmy")
        try:
            content = read_bytes(raw, query.name, guess, plant_zone="UTC")  # only to see its headings
        except (NotProved, UnreadableFile):
            return None
        kept = profile_for(self.store, headings_of(content))
        return None if kept is None else msgspec.structs.replace(kept, device=None)

    def _plan(self, content: Content, choices: Choices, query: ImportQuery, *, by: Actor) -> ImportPlan:
        return plan(
            self.store, content, choices, by=by.subject, now=self.clock.now(), zone=self.plant.zone, keep=self.keep,
            what=query.what,
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
            findings=[FindingResponse(what=f.what, value=f.value, why=f.why) for f in content.findings],
            rows=content.rows,
            samples=[list(row) for row in content.samples],
            holds=holds,
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


def _question_response(question: NotProved) -> InspectionResponse:
    return InspectionResponse(
        question=QuestionResponse(
            what=question.what,
            problem=f"{question.problem}.",
            suggestion=question.suggestion,
            options=list(ALLOWED.get(question.what, ())),
        ),
        findings=[], rows=0, samples=[], holds=[], would_store=None, already=None, too_old=0, overlaps=0,
    )  # fmt: skip
