"""What a plant's Prometheus recorded is sent again, in its name and in order, and each problem has its sentence."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import cramjam
import httpx
import pytest

from centre.catch_up import ATTEMPTS, MOST_SAMPLES, PAUSE_SECONDS, WINDOW, CannotCatchUp, CatchUp, SentSamples
from energytrack.centre.settings import CentreSettings
from energytrack.clock import ManualClock
from energytrack.samples import Series, time_series
from testkit.dates import NOW

CENTRE = CentreSettings(plant="plant-a", write_url="https://centre.example/api/v1/write")
Answer = Callable[[httpx.Request], httpx.Response]


class Both:
    """The plant's Prometheus and the centre, as they answer."""

    def __init__(self, *found: dict[str, Any]) -> None:
        self.questions: list[dict[str, list[str]]] = []
        self.bodies: list[bytes] = []
        self.clock = ManualClock(NOW)
        self.source: Answer = lambda _: httpx.Response(200, json={"data": {"result": list(found)}})
        self.target: Answer = lambda _: httpx.Response(204)

    def send(self, start: datetime, end: datetime) -> list[tuple[datetime, SentSamples]]:
        """What was reported; the last is the answer too."""
        source = httpx.Client(transport=httpx.MockTransport(self._ask), base_url="http://plant:9090/prometheus")
        target = httpx.Client(transport=httpx.MockTransport(self._post))
        reports: list[tuple[datetime, SentSamples]] = []
        with source, target:
            catch_up = CatchUp(CENTRE, source, target, clock=self.clock)
            sent = catch_up.send(start, end, report=lambda *each: reports.append(each))
        assert reports[-1] == (end, sent)
        return reports

    def _ask(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/prometheus/api/v1/query"
        self.questions.append(parse_qs(request.content.decode()))
        return self.source(request)

    def _post(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == CENTRE.write_url
        self.bodies.append(bytes(cramjam.snappy.decompress_raw(request.content)))
        return self.target(request)


def recorded(samples: list[tuple[float, str]], **labels: str) -> dict[str, Any]:
    return {"metric": {"__name__": "plant:power_watts:sum"} | labels, "values": samples}


def test_samples_are_sent_with_their_times_in_the_plants_name_and_stale_marks_are_left_out() -> None:
    both = Both(recorded([(1000.5, "1.5"), (1015.5, "NaN"), (1030.5, "+Inf")], line="line-a"))
    ((_, sent),) = both.send(NOW - WINDOW, NOW)
    labels = {"__name__": "plant:power_watts:sum", "line": "line-a", "plant": "plant-a"}
    assert both.bodies == [time_series([Series(labels, [(1_000_500, 1.5), (1_030_500, float("inf"))])])]
    assert sent.samples == 2
    assert sent.bytes > 0


def test_windows_follow_each_other_without_a_gap_oldest_first() -> None:
    both = Both()
    reports = both.send(NOW - 2.5 * WINDOW, NOW)
    assert [at for at, _ in reports] == [NOW - 1.5 * WINDOW, NOW - 0.5 * WINDOW, NOW]
    assert [float(each["time"][0]) for each in both.questions] == [at.timestamp() for at, _ in reports]
    assert all(each["query"][0].endswith("[600s]") for each in both.questions)
    assert both.bodies == []


def test_no_request_is_larger_than_prometheus_own() -> None:
    many = [(float(at), "1") for at in range(MOST_SAMPLES + 1)]
    both = Both(recorded(many[:3], line="line-a"), recorded(many, line="line-b"))
    ((_, sent),) = both.send(NOW - timedelta(minutes=1), NOW)
    assert sent.samples == 3 + len(many)
    assert len(both.bodies) == 3


def test_a_centre_that_is_busy_is_asked_again_after_a_pause() -> None:
    both = Both(recorded([(1000, "1")]))
    both.target = lambda _: httpx.Response(503 if len(both.bodies) < ATTEMPTS else 204)
    both.send(NOW - WINDOW, NOW)
    assert both.clock.monotonic() == (ATTEMPTS - 1) * PAUSE_SECONDS


def test_a_centre_that_stays_away_is_given_up() -> None:
    both = Both(recorded([(1000, "1")]))
    both.target = refused
    with pytest.raises(
        CannotCatchUp, match=r"the centre .https://centre.example/api/v1/write. does not answer: refused"
    ):
        both.send(NOW - WINDOW, NOW)
    assert len(both.bodies) == ATTEMPTS


def test_a_refusal_is_reported_at_once_in_the_centres_words() -> None:
    both = Both(recorded([(1000, "1")]))
    both.target = lambda _: httpx.Response(400, text="out of bounds\n")
    with pytest.raises(CannotCatchUp, match=r"answers 400: out of bounds$"):
        both.send(NOW - WINDOW, NOW)
    assert len(both.bodies) == 1


def test_a_plant_whose_prometheus_is_away_hears_which_one() -> None:
    both = Both()
    both.source = refused
    with pytest.raises(CannotCatchUp, match=r"this plant's Prometheus .http://plant:9090/prometheus/. does not answer"):
        both.send(NOW - WINDOW, NOW)


@pytest.mark.parametrize("text", ["<html>", "{}", json.dumps({"data": []}), "[]"])
def test_another_page_is_no_prometheus(text: str) -> None:
    both = Both()
    both.source = lambda _: httpx.Response(200, text=text)
    with pytest.raises(CannotCatchUp, match=r"what answers at http://plant:9090/prometheus/ is not Prometheus"):
        both.send(NOW - WINDOW, NOW)


@pytest.mark.parametrize("centre", [CentreSettings(), CentreSettings(plant="plant-a")])
def test_a_plant_without_a_centre_hears_which_setting_it_lacks(centre: CentreSettings) -> None:
    with (
        httpx.Client() as client,
        pytest.raises(CannotCatchUp, match="ENERGYTRACK_CENTRE_WRITE_URL says where it is"),
    ):
        CatchUp(centre, client, client, clock=ManualClock(NOW))


def refused(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")
