"""Proposes machines that may wait until the quarter hour is over. Pure; nothing is ordered here."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal

from msgspec import Struct

from energytrack.metering.quarters import QUARTERS_PER_HOUR

LEAST_SECONDS: Final = 90.0
"""With less time left, an order comes too late to change the quarter hour."""
SECONDS_PER_HOUR: Final = 3600.0


class DeferrableMachine(Struct, frozen=True, kw_only=True):
    """A machine that may wait."""

    device_id: str
    why: Literal["idle", "deferrable"]
    saves_watts: float
    """Its power less what it uses when it is stopped."""
    longest_minutes: float | None
    """It has to run again after that; None for an idle machine, which nobody waits for."""


class PeakProposal(Struct, frozen=True, kw_only=True):
    """Machines that should wait now."""

    waiters: tuple[DeferrableMachine, ...]
    saves_kw: float
    """The reduction of the quarter hour's mean power, if they stop now."""
    is_enough: bool
    """Whether the quarter hour then ends at the limit or below."""
    restart_by: datetime | None
    """When the first of the deferrable machines has to run again."""

    @property
    def device_ids(self) -> tuple[str, ...]:
        return tuple(waiter.device_id for waiter in self.waiters)


def propose(
    waiters: Iterable[DeferrableMachine], *, above_kw: float, seconds_left: float, now: datetime
) -> PeakProposal | None:
    """The fewest machines that bring a quarter hour down by `above_kw`; None if none is needed, or it is too late.

    Idle machines come first: nobody misses them. Then those that save most.
    """
    if above_kw <= 0.0 or seconds_left < LEAST_SECONDS:
        return None
    share = seconds_left / SECONDS_PER_HOUR * QUARTERS_PER_HOUR
    chosen: list[DeferrableMachine] = []
    saved = 0.0
    for waiter in sorted(waiters, key=lambda each: (each.why != "idle", -each.saves_watts, each.device_id)):
        if saved >= above_kw:
            break
        if waiter.saves_watts > 0.0:
            chosen.append(waiter)
            saved += waiter.saves_watts / 1000.0 * share
    if not chosen:
        return None
    longest = min((each.longest_minutes for each in chosen if each.longest_minutes is not None), default=None)
    return PeakProposal(
        waiters=tuple(chosen),
        saves_kw=saved,
        is_enough=saved >= above_kw,
        restart_by=None if longest is None else now + timedelta(minutes=longest),
    )
