"""What Prometheus says of its rules, as it is understood."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from control_api.alarms.firing import PrometheusAway, PrometheusRules, read
from testkit.dates import NOW, written
from testkit.stand_ins.password import guarded_server


def an_answer(*rules: dict[str, Any]) -> bytes:
    """As Prometheus 2.42 and 3.5 give it, shortened to what is read and a little more."""
    given = {"type": "alerting", "health": "ok", "lastEvaluation": written(NOW), "query": "x > 0", "alerts": []}
    groups = [{"name": "alerts", "file": "rules.yml", "rules": [given | rule for rule in rules]}]
    return json.dumps({"status": "success", "data": {"groups": groups}}).encode()


def an_alert(state: str = "firing", device_id: str = "cnc-0007") -> dict[str, Any]:
    return {
        "labels": {"alertname": "FailureRiskHigh", "device_id": device_id, "severity": "critical"},
        "annotations": {"summary": "it fails"}, "state": state, "activeAt": written(NOW), "value": "8e-01",
    }  # fmt: skip


def test_what_fires_is_distinguished_from_what_begins() -> None:
    """An alert that is pending has not lasted long enough."""
    firing = read(an_answer({"name": "FailureRiskHigh", "alerts": [an_alert(), an_alert("pending", "cnc-0008")]}))
    (alert,) = firing.alerts.values()
    assert (alert.device_id, alert.sender, alert.started_at, alert.summary) == (
        "cnc-0007",
        "prometheus",
        NOW,
        "it fails",
    )
    assert len(firing.pending) == 1
    assert not firing.pending & firing.alerts.keys()


def test_a_rule_that_was_not_worked_out_says_nothing() -> None:
    """Just after a start, or where its expression fails: then neither that it fires nor that it does not."""
    firing = read(
        an_answer(
            {"name": "JustStarted", "lastEvaluation": "0001-01-01T00:00:00Z"},
            {"name": "Broken", "health": "err"},
            {"name": "Quiet", "lastEvaluation": written(NOW - timedelta(minutes=1))},
        )
    )
    assert firing.rules == {"Quiet"}
    assert not firing.alerts


def test_it_asks_for_rules_that_alert() -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, content=an_answer({"name": "Quiet"}))

    rules = PrometheusRules("http://prometheus/prometheus", transport=httpx.MockTransport(answer))
    assert rules.firing().rules == {"Quiet"}
    assert [str(url) for url in asked] == ["http://prometheus/prometheus/api/v1/rules?type=alert"]


def test_a_prometheus_with_a_password_is_asked_with_it() -> None:
    """A wrong one is said, instead of "no alert fires"."""
    page = an_answer({"name": "Quiet"})
    with guarded_server("energytrack", "a password", page) as prometheus:
        assert PrometheusRules(prometheus.url, auth=("energytrack", "a password")).firing().rules == {"Quiet"}
        with pytest.raises(PrometheusAway, match="401"):
            PrometheusRules(prometheus.url).firing()


def test_a_prometheus_that_cannot_be_reached_is_away() -> None:
    def refuses(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(PrometheusAway, match="refused"):
        PrometheusRules("http://prometheus", transport=httpx.MockTransport(refuses)).firing()


@pytest.mark.parametrize("status", [200, 503])
def test_an_answer_that_is_none_is_said_so(status: int) -> None:
    answer = httpx.MockTransport(lambda _: httpx.Response(status, content=b"{}"))
    with pytest.raises(PrometheusAway):
        PrometheusRules("http://prometheus", transport=answer).firing()
