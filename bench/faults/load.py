"""People and Alertmanager, who use a plant while it breaks: they retry until they get a confirmation."""

import random
import threading
from collections.abc import Mapping, Sequence
from typing import Final

import httpx

from energytrack.clock import SystemClock
from local.services.secrets import ALERTS_TOKEN, secret_file
from local.site import Site

PAUSE_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 5.0
RULE: Final = "FailureRiskHigh"


class CampaignLoad:
    """Sends orders and alarms, one after the other."""

    def __init__(self, site: Site, token: str, machines: Sequence[str], rng: random.Random) -> None:
        self._site = site
        self._token = token
        self.machines = machines
        self._rng = rng
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.orders: dict[str, str] = {}
        """Orders that were accepted, by idempotency key."""
        self.alarmed: set[str] = set()
        """Machines whose alarm was accepted."""
        self.retries = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop, and give up the request in progress."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        number = 0
        secret = secret_file(self._site, ALERTS_TOKEN).read_text(encoding="utf-8").strip()
        waiting = list(self.machines)
        with httpx.Client(
            base_url=self._site.url(self._site.ports.control_api, ""), timeout=PATIENCE_SECONDS
        ) as client:
            while not self._stop.wait(PAUSE_SECONDS):
                number += 1
                self._order(client, f"campaign-{number}", self._rng.choice(self.machines))
                if waiting and self._alarm(client, secret, waiting[-1]):
                    self.alarmed.add(waiting.pop())

    def _order(self, client: httpx.Client, key: str, device_id: str) -> None:
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        body = {"device_id": device_id, "reason": "campaign of faults", "override": True}  # most are in mid-cycle
        while not self._stop.is_set():
            answer = self._post(client, "/api/restart", headers, body)
            if answer is None or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                self.retries += 1
                self._stop.wait(PAUSE_SECONDS)
                continue
            if answer.status_code in {httpx.codes.OK, httpx.codes.ACCEPTED}:
                self.orders[key] = answer.json()["command_id"]
            return  # a refusal is an answer too: the machine has an open order

    def _alarm(self, client: httpx.Client, secret: str, device_id: str) -> bool:
        alert = {
            "status": "firing",
            "labels": {"alertname": RULE, "device_id": device_id, "severity": "warning"},
            "annotations": {"summary": "campaign of faults"},
            "startsAt": SystemClock().now().isoformat(),
        }
        body = {"receiver": "control-api", "status": "firing", "alerts": [alert]}
        answer = self._post(client, "/api/alerts", {"Authorization": f"Bearer {secret}"}, body)
        return answer is not None and answer.status_code == httpx.codes.OK

    def _post(
        self, client: httpx.Client, path: str, headers: Mapping[str, str], body: Mapping[str, object]
    ) -> httpx.Response | None:
        try:
            return client.post(path, headers=headers, json=body)
        except httpx.HTTPError:
            return None
