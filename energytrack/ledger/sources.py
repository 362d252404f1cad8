"""The sources of a machine's parts: for each quarter hour, the first source that has it counts. Pure."""

from typing import Final, Literal, Protocol, get_args

PartsSource = Literal["counter", "events", "file", "current"]
"""The machine's own counter, events about finished parts, an imported file, cycles in the current."""
PARTS_SOURCES: Final[tuple[PartsSource, ...]] = get_args(PartsSource)


class PartsSeconds(Protocol):
    """For how many seconds each source reported the parts."""

    @property
    def counter_parts_seconds(self) -> float: ...

    @property
    def event_parts_seconds(self) -> float: ...

    @property
    def file_parts_seconds(self) -> float: ...

    @property
    def estimated_parts_seconds(self) -> float: ...


def sources_of(sums: PartsSeconds) -> tuple[PartsSource, ...]:
    """The sources that reported any quarter hour, in order of precedence."""
    seconds: dict[PartsSource, float] = {
        "counter": sums.counter_parts_seconds,
        "events": sums.event_parts_seconds,
        "file": sums.file_parts_seconds,
        "current": sums.estimated_parts_seconds,
    }
    return tuple(source for source in PARTS_SOURCES if seconds[source])
