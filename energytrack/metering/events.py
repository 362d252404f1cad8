"""A finding of a meter as an event, for people and other services."""

from datetime import UTC, datetime
from hashlib import blake2b

from energytrack.events import MeterExchanged, MeterSuspect
from energytrack.metering.reasons import EXPLANATIONS
from energytrack.metering.values import MeterFinding


def event_of(device_id: str, finding: MeterFinding) -> MeterExchanged | MeterSuspect:
    """The event. Its id depends only on the finding and the readings, so the same finding counts once."""
    explanation = EXPLANATIONS[finding.reason]
    kind = MeterExchanged if finding.kind == "meter_exchanged" else MeterSuspect
    named = f"{device_id} {finding.kind} {finding.reason} {finding.at!r}".encode()
    return kind(
        event_id=f"meter-{blake2b(named, digest_size=12).hexdigest()}",
        device_id=device_id,
        timestamp=datetime.fromtimestamp(finding.at, UTC),
        reason=finding.reason,
        before_kwh=finding.before_kwh,
        after_kwh=finding.after_kwh,
        detail=f"{explanation.words} {explanation.mend}",
    )
