"""The live outcomes of alarms: each is decided by the failure that followed, by maintenance, or by time.

The definitions are those of `ml.measures.quality`: an alarm predicts a failure within the horizon; one that is still
open a horizon later counts as raised again; a failure was caught if an alarm was raised within the horizon before it.
If the machine was maintained within an alarm's horizon before it failed, the alarm proves nothing: the maintenance may
have prevented the failure.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from energytrack.events import DeviceEvent, Failure, MaintenanceDone, MaintenanceStarted
from energytrack.messages import Insight
from ml.datasets.labels import LONGEST_REPAIR_MS
from ml.recommendations.rules import INSPECT

LONGEST_STEP_MS: Final = 120_000
"""A machine that is silent for longer was not monitored meanwhile."""
UNWATCHED_MS: Final = 3_600_000
"""A failure of a machine without a probability for this long does not count as missed."""
AlarmOutcome = Literal["true", "false", "maintained"]
ALARM_OUTCOMES: Final[tuple[AlarmOutcome, ...]] = ("true", "false", "maintained")


class OutcomeCounts(Struct, frozen=True):
    """Decided outcomes; tallies can be added."""

    alarms: tuple[AlarmOutcome, ...] = ()
    leads_ms: tuple[int, ...] = ()
    """For each caught failure, how long before it the first alarm was raised."""
    missed: int = 0
    watched_ms: int = 0
    """Machine time during which a probability was known."""

    def __add__(self, other: "OutcomeCounts") -> "OutcomeCounts":
        return OutcomeCounts(
            self.alarms + other.alarms,
            self.leads_ms + other.leads_ms,
            self.missed + other.missed,
            self.watched_ms + other.watched_ms,
        )


class OpenAlarms(Struct, frozen=True):
    """One machine and its undecided alarms."""

    rings: tuple[int, ...] = ()
    """Times of the undecided alarms, oldest first, all within a horizon."""
    open: bool = False
    down_until_ms: int = 0
    """Failures of a machine that is already down belong to the same failure."""
    watched_ms: int = 0
    """Time of the latest insight with a probability; 0 if there was none."""


NO_OPEN_ALARMS: Final = OpenAlarms()


def after_insight(
    case: OpenAlarms, at_ms: int, *, alarmed: bool, is_scored: bool, horizon_ms: int
) -> tuple[OpenAlarms, OutcomeCounts]:
    """The case after one more insight: whether its inspection is recommended, and its probability known."""
    case, tally = _expire(case, at_ms, horizon_ms)
    rings = case.rings
    if alarmed and (not case.open or not rings):
        rings = (*rings, at_ms)
    step = at_ms - case.watched_ms
    if is_scored and 0 < step <= LONGEST_STEP_MS:
        tally += OutcomeCounts(watched_ms=step)
    watched = max(case.watched_ms, at_ms) if is_scored else case.watched_ms
    return replace(case, rings=rings, open=alarmed, watched_ms=watched), tally


def after_event(
    case: OpenAlarms, event: DeviceEvent, at_ms: int, *, horizon_ms: int
) -> tuple[OpenAlarms, OutcomeCounts]:
    """The case after an event."""
    case, tally = _expire(case, at_ms, horizon_ms)
    match event:
        case Failure() if at_ms >= case.down_until_ms:
            rung = case.rings
            settled = replace(case, rings=(), open=False, down_until_ms=at_ms + LONGEST_REPAIR_MS)
            if rung:
                return settled, tally + OutcomeCounts(alarms=_times("true", rung), leads_ms=(at_ms - rung[0],))
            return settled, tally + OutcomeCounts(missed=int(at_ms - case.watched_ms <= UNWATCHED_MS))
        case MaintenanceStarted() | MaintenanceDone():
            done = isinstance(event, MaintenanceDone)
            up_again = at_ms if done else case.down_until_ms
            return replace(case, rings=(), open=False, down_until_ms=up_again), tally + OutcomeCounts(
                alarms=_times("maintained", case.rings)
            )
        case _:
            return case, tally


def _expire(case: OpenAlarms, at_ms: int, horizon_ms: int) -> tuple[OpenAlarms, OutcomeCounts]:
    """Alarms whose horizon has passed are false."""
    kept = tuple(ring for ring in case.rings if at_ms - ring <= horizon_ms)
    if len(kept) == len(case.rings):
        return case, OutcomeCounts()
    return replace(case, rings=kept), OutcomeCounts(alarms=_times("false", case.rings[len(kept) :]))


def _times(outcome: AlarmOutcome, rings: tuple[int, ...]) -> tuple[AlarmOutcome, ...]:
    return tuple(outcome for _ in rings)


class OutcomeTracker:
    """The cases of all machines; one small value each."""

    def __init__(self) -> None:
        self._cases: dict[str, OpenAlarms] = {}
        self._undecided: set[str] = set()
        """Machines with an alarm that is open or undecided."""

    def update(
        self, insights: Sequence[Insight], events: Iterable[DeviceEvent], *, horizon_hours: float
    ) -> OutcomeCounts:
        """Process a batch in the order of time.

        For nearly all machines there is nothing to decide: their watched time is counted without checking their alarms.
        """
        horizon_ms = round(horizon_hours * 3.6e6)
        happened = list(events)
        concerned = {event.device_id for event in happened}
        concerned |= self._undecided
        concerned.update(insight.device_id for insight in insights if insight.recommendations)
        calm = (insight for insight in insights if insight.device_id not in concerned)
        tally = OutcomeCounts(watched_ms=self._watched(calm))
        telling = [insight for insight in insights if insight.device_id in concerned]
        for message in sorted([*happened, *telling], key=attrgetter("timestamp")):
            at_ms = round(message.timestamp.timestamp() * 1000)
            case = self._cases.get(message.device_id, NO_OPEN_ALARMS)
            if isinstance(message, Insight):
                case, settled = after_insight(
                    case,
                    at_ms,
                    alarmed=any(recommended.code == INSPECT for recommended in message.recommendations),
                    is_scored=message.failure_probability is not None,
                    horizon_ms=horizon_ms,
                )
            else:
                case, settled = after_event(case, message, at_ms, horizon_ms=horizon_ms)
            self._keep(message.device_id, case)
            tally += settled
        return tally

    def _watched(self, insights: Iterable[Insight]) -> int:
        """Count the time, in milliseconds, for which machines without alarms were watched until these insights."""
        watched_ms = 0
        for insight in insights:
            if insight.failure_probability is None:
                continue
            case = self._cases.get(insight.device_id, NO_OPEN_ALARMS)
            at_ms = round(insight.timestamp.timestamp() * 1000)
            step = at_ms - case.watched_ms
            if step > 0:
                self._cases[insight.device_id] = OpenAlarms((), False, case.down_until_ms, at_ms)
                watched_ms += step if step <= LONGEST_STEP_MS else 0
        return watched_ms

    def _keep(self, device_id: str, case: OpenAlarms) -> None:
        self._cases[device_id] = case
        if case.open or case.rings:
            self._undecided.add(device_id)
        else:
            self._undecided.discard(device_id)

    def forget(self, device_ids: Iterable[str]) -> None:
        """Forget machines that moved to another consumer."""
        for device_id in device_ids:
            self._cases.pop(device_id, None)
            self._undecided.discard(device_id)
