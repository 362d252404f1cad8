"""What the peak guard says: a sentence, the machines that may wait, what was avoided. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from control_api.bulk.rules import PlanStep
from control_api.devices.rules import Machine
from energytrack.bill.invoice import cents
from energytrack.peak.forecast import Forecast
from energytrack.peak.proposal import DeferrableMachine, PeakProposal
from energytrack.peak.rules import PeakRules, longest_minutes
from energytrack.peak.worth import PeakTarget
from energytrack.store.energy.quarters import WatchedQuarter


class Outlook(Struct, frozen=True, kw_only=True):
    """The current quarter hour as the guard sees it."""

    start: datetime
    elapsed_seconds: float
    used_kwh: float
    watts: float
    forecast: Forecast
    defence: PeakTarget | None
    cost: float | None
    """What it adds to the bill if it ends as forecast; None where the contract has no price of power."""
    proposal: PeakProposal | None
    sentence: str


def sentence_of(forecast: Forecast, defence: PeakTarget | None, currency: str) -> str:
    """Such as "Ends at 412 kW, 31 above what is paid for (381 kW), costs 304.00 EUR."."""
    sentence = f"Ends at {forecast.kw:,.0f} kW"
    if defence is None:
        return f"{sentence}."
    above = defence.above_kw(forecast.kw)
    limit = "what is expected of this month" if defence.is_expected else "what is paid for"
    if above <= 0.0:
        return f"{sentence}, {defence.limit_kw - forecast.kw:,.0f} below {limit} ({defence.limit_kw:,.0f} kW)."
    costs = f"{defence.cost(forecast.kw):,.2f} {currency}"
    return f"{sentence}, {above:,.0f} above {limit} ({defence.limit_kw:,.0f} kW), costs {costs}."


def waiters_of(
    machines: Iterable[Machine], steps: Sequence[PlanStep], rules: PeakRules, now: datetime
) -> Iterator[DeferrableMachine]:
    """Machines that may wait and would get the order: the steps of a dry run, which checks interlocks."""
    by_id = {machine.device_id: machine for machine in machines}
    for step in steps:
        machine = by_id[step.device_id]
        if step.why_not is not None:
            continue
        since = machine.state_since
        if machine.state == "idle" and since is not None and (now - since).total_seconds() >= 60.0 * rules.idle_minutes:
            yield DeferrableMachine(
                device_id=step.device_id, why="idle", saves_watts=step.saves_watts, longest_minutes=None
            )
            continue
        longest = longest_minutes(rules.deferrable, step.device_id, machine.device_type, machine.line)
        if longest is not None:
            yield DeferrableMachine(
                device_id=step.device_id, why="deferrable", saves_watts=step.saves_watts, longest_minutes=longest
            )


def ended(
    start: datetime,
    kw: float,
    forecasts: Sequence[float | None],
    defence: PeakTarget | None,
    orders: Iterable[tuple[str, datetime]],
) -> WatchedQuarter:
    """A quarter hour that is over, and what shutdowns avoided: what was forecast at the first one, less the end."""
    stopped: list[str] = []
    before: float | None = None
    for device_id, at in sorted(orders, key=lambda order: order[1]):
        minute = int((at - start).total_seconds() // 60.0)
        forecast = forecasts[minute] if 0 <= minute < len(forecasts) else None
        if defence is not None and forecast is not None and defence.above_kw(forecast) > 0.0:
            stopped.append(device_id)
            before = forecast if before is None else before
    avoided_kw = avoided_cost = None
    if defence is not None and before is not None:
        avoided_kw = max(0.0, defence.above_kw(before) - defence.above_kw(kw))
        avoided_cost = cents(max(0.0, defence.cost(before) - defence.cost(kw)))
    return WatchedQuarter(
        start=start, kw=kw, forecasts=tuple(forecasts), limit_kw=None if defence is None else defence.limit_kw,
        stopped=tuple(dict.fromkeys(stopped)), forecast_before_kw=before, avoided_kw=avoided_kw,
        avoided_cost=avoided_cost,
    )  # fmt: skip
