"""Baselines, in versions: a change makes a new version, and no version is ever changed or deleted."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct
from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from energytrack.baselines.course import Adjustment
from energytrack.baselines.energy import Hours
from energytrack.baselines.observations import Exclusion
from energytrack.baselines.regression import Fit
from energytrack.baselines.selection import RejectedVariable
from energytrack.baselines.validity import Check
from energytrack.store.link import Document, Link

BaselineState = Literal["active", "retired"]


class Baseline(Struct, frozen=True, kw_only=True):
    """One version of a baseline: its scope, the data that it was fitted to, and the model."""

    baseline_id: str
    """The same for all its versions."""
    version: int
    """Counts from 1."""
    name: str
    device_id: str | None = None
    line: str | None = None
    device_type: str | None = None
    """At most one of the three is set; none for the whole plant."""
    hours: Hours
    first: date
    last: date
    """The baseline period, both included."""
    offered: tuple[str, ...]
    """The variables that the energy might depend on."""
    exclusions: tuple[Exclusion, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    """Adjustments of the time after the baseline period."""
    fit: Fit
    rejected: tuple[RejectedVariable, ...] = ()
    checks: tuple[Check, ...] = ()
    idle_kwh_per_day: float | None = None
    """Idle energy in these hours, mean over the period; None if unknown."""
    price_per_kwh: float | None = None
    """Mean price of these hours in the period; None if one is not known."""
    state: BaselineState = "active"
    approved_by: str | None = None
    """Who approved this version; a newly fitted version needs a new approval."""
    approved_at: datetime | None = None
    note: str
    """Why this version was made."""
    made_by: str
    role: str
    address: str
    made_at: datetime


class Baselines:
    """The collection `baselines`."""

    name: Final = "baselines"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        self._link.prepare_index(self.name, "baseline_id", "version")

    def add(self, baseline: Baseline) -> bool:
        """Store a version; False if another request has stored this version before."""
        document: Document = msgspec.to_builtins(baseline, builtin_types=(datetime,))
        document["_id"] = _key(baseline.baseline_id, baseline.version)
        with self._link.asking():
            try:
                self._link.collection(self.name).insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    def get(self, baseline_id: str, version: int | None = None) -> Baseline | None:
        """A version, by default the newest; None if it does not exist."""
        versions = self.versions(baseline_id) if version is None else self._find({"_id": _key(baseline_id, version)})
        return versions[0] if versions else None

    def versions(self, baseline_id: str) -> Sequence[Baseline]:
        """All versions, newest first."""
        return self._find({"baseline_id": baseline_id})

    def newest(self, *, retired: bool = False) -> Sequence[Baseline]:
        """The newest version of each, most recent first."""
        latest: dict[str, Baseline] = {}
        for each in self._find({}):
            latest.setdefault(each.baseline_id, each)
        listed = (each for each in latest.values() if retired or each.state == "active")
        return sorted(listed, key=lambda each: each.baseline_id, reverse=True)

    def _find(self, query: Document) -> list[Baseline]:
        with self._link.asking():
            documents = self._link.collection(self.name).find(query).sort("version", DESCENDING)
            return list(self._link.unreadable.passed_over(self.name, documents, _baseline))


def _key(baseline_id: str, version: int) -> str:
    return f"{baseline_id}/{version}"


def _baseline(document: dict[str, Any]) -> Baseline:
    return msgspec.convert(document, Baseline)
