"""Sends the centre what it missed while the line was cut for longer than Prometheus remembers.

Prometheus sends what a cut held back for about two hours, and forgets it when it restarts. This reads its store, and
sends the recorded series of some hours again, at their own times. What the centre has already counts once.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

import httpx

from centre.series import SENT
from energytrack.centre.settings import LABEL, CentreSettings
from energytrack.clock import Clock
from energytrack.errors import EnergyTrackError
from energytrack.samples import Series, packed, time_series

WINDOW: Final = timedelta(minutes=10)
"""Read at once."""
MOST_SAMPLES: Final = 5_000
"""In one request, as Prometheus itself sends them."""
HEADERS: Final = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
PATIENCE_SECONDS: Final = 30.0
ATTEMPTS: Final = 5
PAUSE_SECONDS: Final = 3.0


@dataclass(eq=False)
class CannotCatchUp(EnergyTrackError):
    """A request to one of the two servers failed; samples that were sent before remain."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class SentSamples:
    """How much was sent."""

    samples: int
    bytes: int
    """Packed, as they went over the line."""


class CatchUp:
    """Copies samples from a plant's Prometheus to the centre's."""

    def __init__(self, centre: CentreSettings, source: httpx.Client, target: httpx.Client, *, clock: Clock) -> None:
        """`source` has the address of the plant's Prometheus, `target` signs in at the centre."""
        if centre.plant is None or centre.write_url is None:
            raise CannotCatchUp("this plant sends to no centre: ENERGYTRACK_CENTRE_WRITE_URL says where it is")
        self._plant = centre.plant
        self._source = source
        self._target = target
        self._url = centre.write_url
        self._clock = clock

    def send(self, start: datetime, end: datetime, report: Callable[[datetime, SentSamples], None]) -> SentSamples:
        """All from `start` to `end`, oldest first; reports after each window. Raises CannotCatchUp."""
        sent = SentSamples(0, 0)
        at = start
        while at < end:
            at = min(at + WINDOW, end)
            for request in _requests(self._recorded(at)):
                body = packed(time_series(request))
                self._post(body)
                count = sum(len(series.samples) for series in request)
                sent = SentSamples(sent.samples + count, sent.bytes + len(body))
            report(at, sent)
        return sent

    def _recorded(self, until: datetime) -> list[Series]:
        """The samples of a window as they are stored."""
        expression = f'{{__name__=~"{SENT}"}}[{WINDOW.total_seconds():.0f}s]'
        try:
            answer = self._source.post("/api/v1/query", data={"query": expression, "time": f"{until.timestamp():.3f}"})
            answer.raise_for_status()
            found = answer.json()["data"]["result"]
        except httpx.HTTPError as error:
            raise CannotCatchUp(
                f"this plant's Prometheus ({self._source.base_url}) does not answer: {error}"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise CannotCatchUp(f"what answers at {self._source.base_url} is not Prometheus") from error
        return [self._series(each) for each in found]

    def _series(self, result: dict[str, Any]) -> Series:
        samples = [(round(1000 * at), float(value)) for at, value in result["values"]]
        return Series({**result["metric"], LABEL: self._plant}, [each for each in samples if not math.isnan(each[1])])

    def _post(self, body: bytes) -> None:
        problem = ""
        for _ in range(ATTEMPTS):
            try:
                answer = self._target.post(self._url, content=body, headers=HEADERS)
            except httpx.HTTPError as error:
                problem = f"does not answer: {error}"
            else:
                if answer.is_success:
                    return
                problem = f"answers {answer.status_code}: {answer.text.strip()[:300]}"
                if answer.is_client_error:
                    break
            self._clock.sleep(PAUSE_SECONDS)
        raise CannotCatchUp(f"the centre ({self._url}) {problem}")


def _requests(series: Sequence[Series]) -> Iterator[list[Series]]:
    """Series in requests of limited size."""
    request: list[Series] = []
    size = 0
    for each in series:
        samples = iter(each.samples)
        while part := list(islice(samples, MOST_SAMPLES)):
            if size + len(part) > MOST_SAMPLES and request:
                yield request
                request, size = [], 0
            request.append(Series(each.labels, part))
            size += len(part)
    if request:
        yield request
