"""A recounted day, compared with the day as it was stored. Pure."""

from datetime import datetime

from msgspec.structs import replace

from energytrack.ledger.day import Day, Revision, Why
from energytrack.ledger.day_prices import PriceOfDay, repriced
from energytrack.metering.rules import FORMER_SECONDS
from energytrack.metering.values import Meter


def revised(new: Day, old: Day | None, price: PriceOfDay, *, at: datetime, why: Why, reprice: bool = False) -> Day:
    """The day to be stored: the recounted one, at its old prices, with a new revision if it differs."""
    if old is None:
        return new
    new = replace(
        new, price_per_kwh=old.price_per_kwh, price_version=old.price_version, price_batches=old.price_batches,
        imported=old.imported, import_batches=old.import_batches,
        finished_parts=old.finished_parts, finished_scrap=old.finished_scrap,
        finished_before=old.finished_before, finished_after=old.finished_after,
        imported_parts=old.imported_parts, parts_batches=old.parts_batches, imported_scrap=old.imported_scrap,
        cycle_parts=old.cycle_parts if new.cycle_parts is None else new.cycle_parts,
        cycles_until=old.cycles_until if new.cycle_parts is None else new.cycles_until,
    )  # fmt: skip
    if new.parts is None:
        new = replace(new, parts=old.parts)
    if new.scrap is None:
        new = replace(new, scrap=old.scrap)
    new = repriced(new, price, whole=reprice)
    new = replace(new, revision=old.revision, revisions=old.revisions)
    if replace(new, through=old.through) == old:
        return new
    revision = Revision(old.revision + 1, at, why, old.sums().kwh)
    return replace(new, revision=revision.revision, revisions=(*old.revisions, revision))


def is_settled(meter: Meter | None, end: float) -> bool:
    """Whether no later reading can add to the time before `end`."""
    if meter is None or meter.at < end or meter.covered_at < end or meter.record.implausible is not None:
        return False
    if meter.register is not None and meter.register.moved_at < end:
        return False
    former = meter.record.former
    return former is None or former.at >= end or meter.at - former.at > FORMER_SECONDS


def carried_on(new: Meter, live: Meter) -> Meter:
    """A recounted meter, with the totals that counters export: none falls, and what is new is added.

    What they showed as bridged or unknown stays so there; the ledger has the current result.
    """
    before, kept = live.record, new.record
    gained = max(0.0, new.billed - live.billed)
    measured = 0.0 if new.register is None else gained
    shift = live.billed + gained - new.billed
    record = replace(
        before,
        estimated=before.estimated + gained - measured,
        habits=replace(kept.habits, window_billed=kept.habits.window_billed + shift),
        implausible=kept.implausible,
        former=None if kept.former is None else replace(kept.former, billed=kept.former.billed + shift),
        distrust=kept.distrust,
        found=kept.found,
        idle_known=kept.idle_known,
    )
    return replace(
        new,
        record=record,
        measured=live.measured + measured,
        measured_seconds=live.measured_seconds,
        idle_joules=live.idle_joules,
        idle_estimated=live.idle_estimated,
    )
