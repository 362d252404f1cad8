"""An outage, and its result."""

import argparse
from dataclasses import dataclass
from typing import Final, Literal, get_args

Which = Literal["broker", "database", "both", "prometheus", "alertmanager", "front-door", "names", "disk"]
How = Literal["stopped", "frozen", "lost", "full"]

SERVERS: Final[dict[Which, tuple[str, ...]]] = {
    "broker": ("broker",),
    "database": ("database",),
    "both": ("broker", "database"),
    "prometheus": ("prometheus",),
    "alertmanager": ("alertmanager",),
    "front-door": ("front-door",),
    "names": ("broker", "database"),
}
"""The servers that an outage takes away. Names are lost together with their servers, as in Docker's own DNS."""
POSSIBLE: Final[dict[How, frozenset[str]]] = {
    "stopped": frozenset(get_args(Which)) - {"names", "disk"},
    "frozen": frozenset(get_args(Which)) - {"names", "disk"},
    "lost": frozenset({"names"}),
    "full": frozenset({"disk"}),
}


@dataclass(frozen=True)
class Outage:
    """An outage: which servers are away, how, and for how long."""

    which: Which
    how: How
    seconds: float

    @classmethod
    def parsed(cls, text: str) -> "Outage":
        """An outage from text: WHICH:HOW:SECONDS."""
        which, _, rest = text.partition(":")
        how, _, seconds = rest.partition(":")
        if which not in POSSIBLE.get(how, ()):  # type: ignore[call-overload]  # any word may come
            possible = ", ".join(f"{'|'.join(sorted(names))}:{each}" for each, names in POSSIBLE.items())
            raise argparse.ArgumentTypeError(f"{text}: expected one of {possible}, and :SECONDS")
        return cls(which, how, float(seconds))  # type: ignore[arg-type]  # just looked at

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers that are taken away."""
        return SERVERS[self.which]


@dataclass(frozen=True)
class OutageResult:
    outage: Outage
    complaint_after: float | None
    """Seconds until the first service's /healthz named what it was waiting for; None if none did."""
    complaint: str
    waiting: int
    """The maximum number of services that did so at the same time."""
    back_after: float
    """Seconds from the servers' answering until new readings were scored, stored and exported, and all were ready."""
    skipped: int
    """Readings that the plant reports as never sent."""
    lost_stored: int
    lost_insights: int
    twice: int
    """Readings that are on the topic more than once."""
    memory_mib: float
    """The largest sum of our services' memory at one moment."""
    ended: tuple[str, ...]
    """Services that ended; should be none."""
