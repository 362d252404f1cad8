"""Stops: planned time in which a machine did not run, and the reasons. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from energytrack.fields import State
from energytrack.production.rules import BREAKDOWN, MAINTENANCE, ProductionRules, StopReason
from energytrack.production.spans import Span, common, seconds
from energytrack.production.spells import Spell

LONGEST_BREAK: Final = 3600.0
"""A stop continues after a break of the shift; after a longer time off, a new one begins."""
SEVERITY: Final[tuple[State, ...]] = ("failed", "maintenance", "stopped", "idle")


class Stop(Struct, frozen=True):
    """A continuous period in which a machine stood still."""

    start: float
    """Its first planned moment, in seconds since the epoch."""
    end: float
    """Its last planned moment; while it continues, as far as it is known."""
    seconds: float
    """The planned time in it: breaks are left out."""
    state: State
    """The gravest of the states that the machine was in."""
    is_open: bool = False
    """The machine is still stopped."""
    pieces: tuple[Span, ...] = ()
    """Its planned time."""
    in_maintenance: tuple[Span, ...] = ()
    """The part of that in which the machine was in maintenance."""


class StopExplanation(Struct, frozen=True, kw_only=True):
    """A reason that a person gave; it is never changed, but a later one about the same stop replaces it."""

    reason_id: str
    """A ULID: sorts by time."""
    device_id: str
    start: float
    """A moment of the stop: its beginning as known then."""
    code: str
    note: str
    by: str
    """As whom they signed in: `grafana:maria`."""


class ExplainedStop(NamedTuple):
    """A stop and its reason, as far as known."""

    stop: Stop
    reason: StopReason | None
    """None: not known yet."""
    explanation: StopExplanation | None
    """The person's explanation; None if the machine gave the reason."""
    is_carried: bool = False
    """It began on a day before: its time counts on this one as well, the stop does not."""

    @property
    def is_planned(self) -> bool:
        """Whether the machine was not meant to produce."""
        return self.reason is not None and self.reason.planned


def stops_of(spells: Sequence[Spell], planned: Iterable[Span], *, until: float) -> tuple[Stop, ...]:
    """The stops of a machine, in order; different states without work in between are one stop.

    A stop that lasts up to `until` is open.
    """
    stops: list[Stop] = []
    for standing in _standing(spells):
        pieces = common([(each.start, each.end) for each in standing], planned)
        last = standing[-1].end
        for group in _joined(pieces):
            start, end = group[0][0], group[-1][1]
            states = {each.state for each in standing if each.start < end and each.end > start}
            kept = [(each.start, each.end) for each in standing if each.state == "maintenance"]
            stops.append(
                Stop(
                    start, end, seconds(group), next(each for each in SEVERITY if each in states),
                    is_open=end >= last >= until, pieces=tuple(group), in_maintenance=common(group, kept),
                )
            )  # fmt: skip
    return tuple(stops)


def explained(
    stops: Iterable[Stop], explanations: Iterable[StopExplanation], rules: ProductionRules
) -> tuple[ExplainedStop, ...]:
    """Stops with their reasons: the last one that a person gave, otherwise by the machine's state."""
    ordered = sorted(explanations, key=lambda each: each.reason_id)
    stops_with_reasons = []
    for stop in stops:
        said = next(
            (each for each in reversed(ordered) if stop.start <= each.start < max(stop.end, stop.start + 1)), None
        )
        if said is not None:
            reason = rules.reason(said.code) or StopReason(said.code, said.code)
            stops_with_reasons.append(ExplainedStop(stop, reason, said))
        else:
            stops_with_reasons.append(ExplainedStop(stop, _reported_reason(stop, rules), None))
    return tuple(stops_with_reasons)


def within_day(stops: Iterable[ExplainedStop], day: Span) -> tuple[ExplainedStop, ...]:
    """The part of each stop within a day: consecutive days add up to the whole stop, which counts once."""
    parts = []
    for each in stops:
        pieces = common(each.stop.pieces, [day])
        if pieces:
            stop = replace(each.stop, seconds=seconds(pieces), pieces=pieces)
            parts.append(each._replace(stop=stop, is_carried=each.stop.start < day[0]))
    return tuple(parts)


def planned_down(stops: Iterable[ExplainedStop]) -> tuple[Span, ...]:
    """The time in which the machine was not meant to produce: stops for a planned reason, and planned maintenance."""
    spans: list[Span] = []
    for each in stops:
        if each.explanation is not None:
            spans += each.stop.pieces if each.is_planned else ()
        elif each.is_planned:
            spans += each.stop.in_maintenance
    return tuple(sorted(spans))


class Loss(Struct, frozen=True):
    """The total time of stops for one reason: a bar of the Pareto chart."""

    code: str | None
    """None: stops without a reason."""
    text: str
    planned: bool
    stops: int
    seconds: float
    share: float
    """Share of the time of all stops, 0 to 1."""
    cumulative: float
    """Share of this reason and those before it."""


def pareto(stops: Iterable[ExplainedStop], *, unexplained: str = "No reason given") -> tuple[Loss, ...]:
    """The total of each reason, longest first."""
    groups: dict[str | None, list[ExplainedStop]] = {}
    for each in stops:
        groups.setdefault(None if each.reason is None else each.reason.code, []).append(each)
    took = {code: sum(each.stop.seconds for each in some) for code, some in groups.items()}
    whole, before = sum(took.values()), 0.0
    losses = []
    for code in sorted(groups, key=lambda code: (-took[code], code or "")):
        before += took[code]
        reason = groups[code][0].reason
        losses.append(
            Loss(
                code=code, text=unexplained if reason is None else reason.text,
                planned=reason is not None and reason.planned,
                stops=sum(not each.is_carried for each in groups[code]), seconds=took[code],
                share=took[code] / whole if whole else 0.0, cumulative=before / whole if whole else 0.0,
            )
        )  # fmt: skip
    return tuple(losses)


class MicroStops(NamedTuple):
    """Stops that are too short to ask for a reason."""

    stops: int
    seconds: float


def by_length(stops: Iterable[Stop], threshold: float) -> tuple[tuple[Stop, ...], MicroStops]:
    """Stops of at least the threshold, and the shorter ones together; an open one is not a micro-stop yet."""
    long: list[Stop] = []
    short: list[Stop] = []
    for stop in stops:
        (long if stop.seconds >= threshold else short).append(stop)
    over = [stop for stop in short if not stop.is_open]
    return tuple(long), MicroStops(len(over), sum(stop.seconds for stop in over))


def by_machine(explanations: Iterable[StopExplanation]) -> Mapping[str, Sequence[StopExplanation]]:
    """The reasons of each machine."""
    by_device: dict[str, list[StopExplanation]] = {}
    for each in explanations:
        by_device.setdefault(each.device_id, []).append(each)
    return by_device


def _standing(spells: Iterable[Spell]) -> list[list[Spell]]:
    """Spells without work, in groups that follow each other without a gap."""
    groups: list[list[Spell]] = []
    before: Spell | None = None
    for each in spells:
        if each.state != "running":
            if before is not None and before.state != "running" and before.end == each.start:
                groups[-1].append(each)
            else:
                groups.append([each])
        before = each
    return groups


def _joined(pieces: Sequence[Span]) -> list[list[Span]]:
    """The planned parts of one standstill, joined if only a break is between them."""
    groups: list[list[Span]] = []
    for piece in pieces:
        if groups and piece[0] - groups[-1][-1][1] <= LONGEST_BREAK:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


def _reported_reason(stop: Stop, rules: ProductionRules) -> StopReason | None:
    """The reason by a machine's state: maintenance after a failure is its repair, any other was planned.

    The plant file may name it differently.
    """
    if stop.state == "failed":
        return rules.reason(BREAKDOWN.code)
    return rules.reason(MAINTENANCE.code) if stop.state == "maintenance" else None
