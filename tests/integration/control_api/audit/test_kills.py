"""The audit log of a control API that is killed again and again while it takes orders."""

import threading
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx

from control_api.audit.requests import STREAMS
from energytrack.bus.open import open_bus
from energytrack.security.audit import Chains
from energytrack.settings import KafkaSettings, MongoSettings
from energytrack.store.open import open_store
from energytrack.topics import TOPICS
from testkit.stack.control_service import an_editor, serving
from testkit.stack.servers import eventually, site_in
from tests.integration.control_api.conftest import Names

SHUTDOWN: Final = "/api/shutdown"
KILLS: Final = 3
BETWEEN: Final = 3
"""Orders accepted before each kill."""


class _Orders:
    """Somebody who orders one machine after the other, whether or not anything answers."""

    def __init__(self, editor: httpx.Client, machines: str) -> None:
        self.asked: list[str] = []
        self.accepted: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._order, args=(editor, machines), daemon=True)
        self._thread.start()

    def _order(self, editor: httpx.Client, machines: str) -> None:
        while not self._stop.is_set():
            number = len(self.asked) + 1
            reason = f"{machines} {number}."
            order = {"device_id": f"{machines}-{number:04d}", "reason": reason, "override": True}
            self.asked.append(reason)
            try:
                answer = editor.post(SHUTDOWN, json=order)
            except httpx.ConnectError:
                self.asked.pop()
                self._stop.wait(0.05)
                continue
            except httpx.TransportError:
                continue
            if answer.status_code == httpx.codes.ACCEPTED:
                self.accepted.append(reason)

    def end(self) -> None:
        self._stop.set()
        self._thread.join()


def test_kills_leave_whole_chains_with_every_accepted_order(names: Names, tmp_path: Path) -> None:
    """An order is recorded before it is accepted, once, and the next process goes on where the killed one stopped."""
    open_bus(KafkaSettings.from_env(names), "test").create_topics(TOPICS)
    site, hurried = site_in(tmp_path), {**names, "ENERGYTRACK_CONTROL_API_CHANGES_PER_MINUTE": "10000"}
    with an_editor(names, site.url(site.ports.control_api, "")) as editor:
        people = [_Orders(editor, machines) for machines in ("cnc", "press", "drill")]
        try:
            for killed in range(1, KILLS + 1):
                with serving(site, hurried) as child:
                    eventually(lambda: min(len(each.accepted) for each in people) >= killed * BETWEEN, 60)  # noqa: B023
                    child.kill()
        finally:
            for each in people:
                each.end()
    with closing(open_store(MongoSettings.from_env(names))) as store:
        chains, recorded = Chains(), list(store.audit.entries())
        assert list(chains.check(recorded)) == []
    orders = [entry.details for entry in recorded if entry.stream == STREAMS[SHUTDOWN]]
    for each in people:
        for reason in each.asked:
            times = sum(f'"{reason}"' in details for details in orders)
            assert times == 1 if reason in each.accepted else times <= 1, reason
