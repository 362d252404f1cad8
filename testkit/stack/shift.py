"""A shift in short: people use a running plant, so that a record of every kind is left behind."""

from datetime import timedelta
from functools import partial
from typing import Final

import httpx

from energytrack.clock import SystemClock
from local.services.passwords import authorization, server_password
from local.services.secrets import ALERTS_TOKEN, secret_file
from local.site import Site
from testkit.stack.facts import alertmanager, api, counters, database
from testkit.stack.servers import eventually

JUDGED: Final = "cnc-0001"
"""The machine of the alarm that somebody handled."""


def a_shift(site: Site, token: str, *, devices: int, reason: str = "upgrade tonight") -> None:
    """Play a shift in short, which leaves every kind of record behind."""
    with api(site, token) as client:
        eventually(lambda: len(client.get("/api/devices").json()["devices"]) == devices, deadline=90, pause=1)
        order = client.post("/api/shutdown", json={"device_id": "press-0001", "reason": reason, "override": True})
        assert order.status_code == httpx.codes.ACCEPTED, order.text
        where = f"/api/commands/{order.json()['command_id']}"
        eventually(lambda: client.get(where).json()["status"] == "done", deadline=60, pause=0.5)
        lock = client.post("/api/devices/press-0001/lock", json={"reason": "someone is in it"})
        assert lock.status_code == httpx.codes.CREATED, lock.text
        schedule = client.post(
            "/api/schedules",
            json={"name": "press shop at night", "action": "shutdown", "select": {"line": "press-shop"},
                  "days": ["mon", "tue"], "at": "22:15", "reason": "nobody is there"},
        )  # fmt: skip
        assert schedule.status_code == httpx.codes.CREATED, schedule.text
    _alarm(site, token)
    _silence(site)
    eventually(lambda: if_all(counters(site), devices), deadline=60, pause=1)
    for name in ("readings", "insights", "events"):
        eventually(partial(_filed, site, name), deadline=120, pause=1)


def _alarm(site: Site, token: str) -> None:
    """Make an alarm that somebody acknowledged and judged."""
    alert = {
        "status": "firing",
        "labels": {"alertname": "FailureRiskHigh", "device_id": JUDGED, "severity": "warning"},
        "annotations": {"summary": "The spindle is wearing out"},
        "startsAt": SystemClock().now().isoformat(),
    }
    secret = secret_file(site, ALERTS_TOKEN).read_text(encoding="utf-8").strip()
    with api(site, secret) as sender:
        answer = sender.post("/api/alerts", json={"receiver": "control-api", "status": "firing", "alerts": [alert]})
        assert answer.status_code == httpx.codes.OK, answer.text
    with api(site, token) as client:
        (alarm,) = client.get("/api/alarms", params={"device_id": JUDGED}).json()["alarms"]
        steps = {"acknowledge": {"comment": "on my way"}, "verdict": {"verdict": "true_alarm", "finding": "worn"}}
        for step, body in steps.items():
            done = client.post(f"/api/alarms/{alarm['alarm_id']}/{step}", json=body)
            assert done.status_code == httpx.codes.OK, done.text


def _silence(site: Site) -> None:
    now = SystemClock().now()
    body = {
        "matchers": [{"name": "device_id", "value": "conv-0001", "isRegex": False, "isEqual": True}],
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(days=2)).isoformat(), "createdBy": "maria",
        "comment": "the belt is being replaced",
    }  # fmt: skip
    sign_in = authorization(server_password(site, "alertmanager"))
    assert httpx.post(alertmanager(site, "silences"), json=body, headers=sign_in).status_code == httpx.codes.OK


def if_all(values: dict[str, float], devices: int) -> dict[str, float]:
    """The values; raises AssertionError until all machines are in them."""
    assert len(values) == devices
    return values


def _filed(site: Site, name: str) -> bool:
    with database(site) as client:
        return client["energytrack"][name].find_one() is not None
