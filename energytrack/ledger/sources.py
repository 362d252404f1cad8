"""Where the parts of a machine come from: the first of these that knows a quarter hour tells its parts. Pure."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

PartsSource = Literal["counter", "events", "file", "current"]
"""The machine's own counter, events about finished parts, an imported file, cycles in the current."""
PARTS_SOURCES: Final[tuple[PartsSource, ...]] = get_args(PartsSource)


def sources_of(seconds: Mapping[PartsSource, float]) -> tuple[PartsSource, ...]:
    """Those that told any quarter hour, in their order; `seconds` says of how much time each told the parts."""
    return tuple(source for source in PARTS_SOURCES if seconds.get(source))
