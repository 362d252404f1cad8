"""/api/devices/<id>/history: the curves of the last minutes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, TypeVar

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

from control_api.http.replies import reply
from control_api.http.schemas import DevicePath, RequestModel, ResponseModel
from energytrack.clock import Clock
from energytrack.messages import Insight, Reading
from energytrack.store import Store

T = TypeVar("T")
MAX_POINTS: Final = 1200
"""More than a screen shows."""


class HistoryQuery(RequestModel):
    """How far back."""

    minutes: int = Field(60, ge=1, le=24 * 60)


class HistoryResponse(ResponseModel):
    """Columns of equal length, oldest first; times in seconds since the epoch, null where a sensor was lost."""

    at: list[float]
    temperature_celsius: list[float | None]
    pressure_bar: list[float | None]
    current_amperes: list[float | None]
    scored_at: list[float] = Field(description="Times of the probabilities; each holds until the next")
    failure_probability: list[float | None]


def history_blueprint(store: Store, clock: Clock) -> APIBlueprint:
    """The route."""
    api = APIBlueprint("history", __name__, url_prefix="/api", abp_tags=[Tag(name="devices")])

    @api.get("/devices/<string:device_id>/history", summary="A machine's curves", responses={200: HistoryResponse})
    def get_history(path: DevicePath, query: HistoryQuery) -> Response:
        now = clock.now()
        since, until = now - timedelta(minutes=query.minutes), now + timedelta(minutes=1)
        readings = list(store.readings.stream([path.device_id], since=since, until=until))
        insights = list(store.insights.stream([path.device_id], since=since, until=until))
        return reply(_columns(thinned(readings, MAX_POINTS), thinned(insights, MAX_POINTS)))

    return api


def thinned(values: Sequence[T], most: int) -> Sequence[T]:
    """Every n-th value, so that `most` remain at most; the last one is always among them."""
    step = -(-len(values) // most)
    return values if step <= 1 else values[(len(values) - 1) % step :: step]


def _columns(readings: Sequence[Reading], insights: Sequence[Insight]) -> HistoryResponse:
    return HistoryResponse(
        at=[reading.timestamp.timestamp() for reading in readings],
        temperature_celsius=[reading.temperature for reading in readings],
        pressure_bar=[reading.pressure for reading in readings],
        current_amperes=[reading.current for reading in readings],
        scored_at=[insight.timestamp.timestamp() for insight in insights],
        failure_probability=[insight.failure_probability for insight in insights],
    )
