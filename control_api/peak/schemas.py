"""Responses about the current quarter hour."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from control_api.http.schemas import PageSize, ResponseModel, TextModel
from control_api.peak.rules import Outlook
from energytrack.peak.proposal import DeferrableMachine, PeakProposal
from energytrack.store.energy.quarters import WatchedQuarter


class DeferrableMachineResponse(ResponseModel):
    """A machine that may wait."""

    device_id: str
    why: Literal["idle", "deferrable"]
    saves_watts: float
    longest_minutes: float | None = Field(description="It has to run again after that; null for an idle machine")


class PeakProposalResponse(ResponseModel):
    """Machines that should wait now; nothing has been ordered."""

    machines: list[DeferrableMachineResponse]
    saves_kw: float = Field(description="Of the mean power of the quarter hour, if they stop now")
    is_enough: bool
    restart_by: datetime | None = Field(description="When the first of them has to run again")


class PeakNowResponse(ResponseModel):
    """The current quarter hour."""

    known: bool = Field(description="False for the first minute after a start; all else is then null")
    sentence: str
    start: datetime | None = None
    elapsed_seconds: float | None = None
    used_kwh: float | None = None
    power_kw: float | None = None
    forecast_kw: float | None = None
    low_kw: float | None = Field(None, description="Four of five forecasts at this minute ended between low and high")
    high_kw: float | None = None
    past_error_kw: float | None = Field(None, description="Mean absolute error of the last week at this minute")
    limit_kw: float | None = Field(None, description="What is paid for, or expected of this month")
    is_expected: bool | None = Field(None, description="Whether the limit is expected and not yet paid")
    above_kw: float | None = None
    cost: float | None = Field(None, description="What it adds to the bill if it ends as forecast, without taxes")
    currency: str
    proposal: PeakProposalResponse | None = None


class QuarterResponse(ResponseModel):
    """A quarter hour in which people shut machines down because it was forecast too high."""

    start: datetime
    kw: float
    limit_kw: float | None
    stopped: list[str]
    forecast_before_kw: float | None
    avoided_kw: float | None
    avoided_cost: float | None


class QuartersQuery(TextModel):
    limit: PageSize = 100


class QuartersResponse(ResponseModel):
    quarters: list[QuarterResponse]


def peak_response(outlook: Outlook | None, currency: str) -> PeakNowResponse:
    if outlook is None:
        return PeakNowResponse(known=False, sentence="The quarter hour is not known yet.", currency=currency)
    forecast, defence = outlook.forecast, outlook.defence
    return PeakNowResponse(
        known=True, sentence=outlook.sentence, start=outlook.start, elapsed_seconds=outlook.elapsed_seconds,
        used_kwh=outlook.used_kwh, power_kw=outlook.watts / 1000.0, forecast_kw=forecast.kw, low_kw=forecast.low,
        high_kw=forecast.high, past_error_kw=forecast.past_error_kw,
        limit_kw=None if defence is None else defence.limit_kw,
        is_expected=None if defence is None else defence.is_expected,
        above_kw=None if defence is None else defence.above_kw(forecast.kw),
        cost=outlook.cost, currency=currency,
        proposal=None if outlook.proposal is None else _proposal(outlook.proposal),
    )  # fmt: skip


def _proposal(proposal: PeakProposal) -> PeakProposalResponse:
    return PeakProposalResponse(
        machines=[_waiter(each) for each in proposal.waiters], saves_kw=proposal.saves_kw,
        is_enough=proposal.is_enough, restart_by=proposal.restart_by,
    )  # fmt: skip


def _waiter(waiter: DeferrableMachine) -> DeferrableMachineResponse:
    return DeferrableMachineResponse(
        device_id=waiter.device_id, why=waiter.why, saves_watts=waiter.saves_watts,
        longest_minutes=waiter.longest_minutes,
    )  # fmt: skip


def quarter_response(quarter: WatchedQuarter) -> QuarterResponse:
    return QuarterResponse(
        start=quarter.start, kw=quarter.kw, limit_kw=quarter.limit_kw, stopped=list(quarter.stopped),
        forecast_before_kw=quarter.forecast_before_kw, avoided_kw=quarter.avoided_kw, avoided_cost=quarter.avoided_cost,
    )  # fmt: skip
