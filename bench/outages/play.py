"""Runs one outage of a plant, from before it until after it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from bench.outages.outage import Outage, OutageResult
from bench.pipeline.arrivals import Arrivals, counter
from local.site import Site
from testkit.stack.servers import eventually

BEFORE_SECONDS: Final = 20.0
"""Seconds of normal operation between two outages."""
BACK_SECONDS: Final = 300.0
PAUSE_SECONDS: Final = 0.5


class OutageStage(Protocol):
    """A plant whose servers can be taken away."""

    @property
    def site(self) -> Site: ...

    def away(self, outage: Outage, /) -> None: ...

    def hold(self) -> None:
        """Keep them away; called repeatedly."""

    def back(self, outage: Outage, /) -> None: ...

    def complaints(self) -> dict[str, str]: ...

    def is_well(self) -> bool:
        """Whether every service reports that it works; one that does not answer has no complaint either."""

    def ended(self) -> tuple[str, ...]: ...

    def memory_mib(self) -> float: ...


def play(stage: OutageStage, outage: Outage, arrivals: Arrivals, *, before: float = BEFORE_SECONDS) -> OutageResult:
    """Run one outage, after `before` seconds of normal operation.

    In any case the servers are available again afterwards.
    """
    eventually(arrivals.flows, BACK_SECONDS, pause=1.0)
    skipped_before = _skipped(stage.site)
    time.sleep(before)
    since = datetime.now(UTC) - timedelta(seconds=before)
    watch = _Watch(stage.complaints, stage.memory_mib)
    stage.away(outage)
    try:
        while watch.seconds() < outage.seconds:
            stage.hold()
            watch.look()
            time.sleep(PAUSE_SECONDS)
    finally:
        stage.back(outage)
    answers = time.monotonic()
    eventually(lambda: arrivals.flows() and stage.is_well(), BACK_SECONDS, pause=PAUSE_SECONDS)
    back_after = time.monotonic() - answers
    counted = arrivals.counted(since=since, until=arrivals.done_until)
    return OutageResult(
        outage=outage,
        complaint_after=watch.complaint_after,
        complaint=watch.complaint,
        waiting=watch.waiting,
        back_after=back_after,
        skipped=_skipped(stage.site) - skipped_before,
        lost_stored=counted.not_stored,
        lost_insights=counted.without_insight,
        twice=counted.twice,
        memory_mib=max(watch.memory_mib, stage.memory_mib()),
        ended=stage.ended(),
    )


class _Watch:
    """The complaints during the outage, and the maximum memory."""

    def __init__(self, complaints: Callable[[], dict[str, str]], memory: Callable[[], float]) -> None:
        self._complaints, self._memory = complaints, memory
        self._began = time.monotonic()
        self.complaint_after: float | None = None
        self.complaint, self.waiting, self.memory_mib = "", 0, 0.0

    def seconds(self) -> float:
        """Seconds since the servers were taken away."""
        return time.monotonic() - self._began

    def look(self) -> None:
        """Query all services once more."""
        complaints = self._complaints()
        if complaints and self.complaint_after is None:
            self.complaint_after = self.seconds()
        if complaints and len(complaints) >= self.waiting:
            self.waiting, self.complaint = len(complaints), next(iter(complaints.values()))
        self.memory_mib = max(self.memory_mib, self._memory())


def _skipped(site: Site) -> int:
    return counter(site.url(site.ports.simulator, "/metrics"), "energytrack_simulator_readings_skipped_total", {})
