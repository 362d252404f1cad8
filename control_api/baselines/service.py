"""Makes baselines, keeps their versions, and compares energy with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from msgspec.structs import replace

from control_api.auth.identity import Actor
from control_api.baselines.rules import complaint, name_of
from control_api.http.problems import Problem
from energytrack.baselines.comparison import BaselineComparison, against, boundary_of
from energytrack.baselines.course import Adjustment
from energytrack.baselines.observations import Exclusion
from energytrack.baselines.reading import Boundary, Observations
from energytrack.baselines.selection import TooFewDays, select
from energytrack.baselines.validity import checks_of, grade_of
from energytrack.baselines.variables import OWN_NAMES
from energytrack.baselines.watching import WATCHED_DAYS, Excess, excess_of
from energytrack.clock import Clock, whole_milliseconds
from energytrack.ledger.local_days import ONE_DAY, date_at
from energytrack.plant import Plant
from energytrack.security import names
from energytrack.store import Store
from energytrack.store.energy.baselines import Baseline
from energytrack.store.energy.variables import VariableSource


class Changes(NamedTuple):
    """What changes in a new version; None keeps the present value."""

    first: date | None = None
    last: date | None = None
    variables: Sequence[str] | None = None
    exclusions: Sequence[Exclusion] | None = None
    adjustments: Sequence[Adjustment] | None = None


@dataclass(frozen=True)
class BaselineService:
    store: Store
    plant: Plant
    clock: Clock
    new_id: Callable[[], str]

    @cached_property
    def observations(self) -> Observations:
        """The source of energy and variables."""
        return Observations(self.store, self.plant)

    def today(self) -> date:
        """Today in the plant's zone."""
        return date_at(self.clock.now().timestamp(), self.plant.zone)

    def make(
        self,
        boundary: Boundary,
        first: date,
        last: date,
        *,
        by: Actor,
        note: str,
        name: str | None = None,
        variables: Sequence[str] = (),
        exclusions: Sequence[Exclusion] = (),
        dry_run: bool = False,
    ) -> Baseline:
        """Make a baseline in its first version; raises Problem."""
        baseline = self._fitted(
            boundary, first, last, by=by, note=note, variables=variables, exclusions=exclusions,
            baseline_id=self.new_id(), version=1, name=name or name_of(boundary),
        )  # fmt: skip
        if not dry_run:
            self.store.baselines.add(baseline)
        return baseline

    def make_version(
        self, baseline_id: str, seen: int, *, by: Actor, note: str, changes: Changes, dry_run: bool = False
    ) -> Baseline:
        """Fit a new version of a baseline; raises Problem if somebody made another one since version `seen`."""
        before = self._newest(baseline_id, seen)
        fitted = self._fitted(
            boundary_of(before),
            changes.first or before.first,
            changes.last or before.last,
            by=by,
            note=note,
            variables=before.offered if changes.variables is None else changes.variables,
            exclusions=before.exclusions if changes.exclusions is None else changes.exclusions,
            baseline_id=baseline_id,
            version=seen + 1,
            name=before.name,
        )
        adjustments = before.adjustments if changes.adjustments is None else tuple(changes.adjustments)
        made = replace(fitted, adjustments=adjustments)
        return made if dry_run else self._filed(made)

    def approve(self, baseline_id: str, seen: int, *, by: Actor, note: str) -> Baseline:
        """Approve it, as a new version; raises Problem if it proves nothing."""
        before = self._newest(baseline_id, seen)
        if grade_of(before.checks) == "not valid":
            raise Problem("invalid_request", "This baseline is not valid: it proves nothing. Look at its checks.")
        if before.approved_by is not None:
            raise Problem("invalid_request", f"{names.name_of(before.approved_by)} has approved this version already.")
        return self._signed(before, by, note, approved_by=by.subject)

    def retire(self, baseline_id: str, seen: int, *, by: Actor, note: str) -> Baseline:
        """Stop watching it; its versions stay."""
        return self._signed(self._newest(baseline_id, seen), by, note, state="retired")

    def require(self, baseline_id: str, version: int | None = None) -> Baseline:
        """A version, by default the newest; raises Problem if there is none."""
        baseline = self.store.baselines.get(baseline_id, version)
        if baseline is None:
            raise Problem("unknown_baseline", f"There is no baseline {baseline_id} of this version.")
        return baseline

    def against(self, baseline: Baseline, first: date, last: date) -> BaselineComparison:
        """Energy from `first` to `last`, both included, compared with a baseline."""
        return against(self.observations, baseline, first, last)

    def excess(self, baseline: Baseline) -> Excess | None:
        """How far the last days lie above a baseline; None if too few are known or the baseline is not valid."""
        if grade_of(baseline.checks) == "not valid":
            return None
        last = self.today() - ONE_DAY
        first = max(baseline.last + ONE_DAY, last - timedelta(days=2 * WATCHED_DAYS))
        if first > last:
            return None
        against = self.against(baseline, first, last)
        return excess_of(baseline.fit, against.table, against.points)

    def put_values(self, name: str, values: Mapping[date, float], *, source: VariableSource, by: Actor) -> None:
        """File values of a variable; raises Problem for a name that Energy Track reserves."""
        if name in OWN_NAMES:
            raise Problem("invalid_request", f"{name} is one of Energy Track's own variables: choose another name.")
        self.store.variables.put(name, values, source=source, by=by.subject, at=whole_milliseconds(self.clock.now()))

    def _fitted(
        self,
        boundary: Boundary,
        first: date,
        last: date,
        *,
        by: Actor,
        variables: Sequence[str],
        exclusions: Sequence[Exclusion],
        baseline_id: str,
        version: int,
        name: str,
        note: str,
    ) -> Baseline:
        complained = complaint(boundary, first, last, variables, self.today())
        if complained is not None:
            raise Problem("invalid_request", complained)
        used = self.observations.used(boundary, first, last)
        table = self.observations.table(used, variables, first, last, exclusions=exclusions)
        try:
            fit, rejected = select(table)
        except TooFewDays as error:
            left_out = ", ".join(f"{count} days: {why}" for why, count in table.skipped.items())
            raise Problem("too_few_days", f"{error}. {left_out or 'The period is short'}.") from error
        counted = table.only(fit.variables)
        idle = [used.days[row.day].idle_kwh for row in counted.rows]
        return Baseline(
            baseline_id=baseline_id,
            version=version,
            name=name,
            device_id=boundary.device_id,
            line=boundary.line,
            device_type=boundary.device_type,
            hours=boundary.hours,
            first=first,
            last=last,
            offered=tuple(variables),
            exclusions=tuple(exclusions),
            fit=fit,
            rejected=rejected,
            checks=checks_of(fit, counted),
            idle_kwh_per_day=_mean(idle),
            price_per_kwh=_mean([row.price_per_kwh for row in counted.rows]),
            note=note,
            made_by=by.subject,
            role=by.role,
            address=by.address,
            made_at=whole_milliseconds(self.clock.now()),
        )

    def _signed(self, before: Baseline, by: Actor, note: str, **decided: str) -> Baseline:
        """The same version with a person's decision about it."""
        now = whole_milliseconds(self.clock.now())
        approved_at = now if "approved_by" in decided else before.approved_at
        return self._filed(
            replace(before, version=before.version + 1, note=note, made_by=by.subject, role=by.role,
                    address=by.address, made_at=now, approved_at=approved_at, **decided)
        )  # fmt: skip

    def _newest(self, baseline_id: str, seen: int) -> Baseline:
        newest = self.require(baseline_id)
        if newest.version != seen:
            raise _changed(newest)
        return newest

    def _filed(self, baseline: Baseline) -> Baseline:
        if not self.store.baselines.add(baseline):
            raise _changed(self.require(baseline.baseline_id))
        return baseline


def _changed(newest: Baseline) -> Problem:
    return Problem(
        "baseline_changed",
        f"{names.name_of(newest.made_by)} made version {newest.version} meanwhile: {newest.note} "
        "Look at it, then decide again.",
        {"version": newest.version},
    )


def _mean(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return sum(numbers) / len(numbers) if numbers and len(numbers) == len(values) else None
