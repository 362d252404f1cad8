"""The ids of imported events: the same event has the same id in whichever file it comes."""

import hashlib


def imported_event_id(kind: str, device_id: str, at_ms: int, label: str) -> str:
    """`label` is the event's mode, code or component. What differs in any of these is another event."""
    key = hashlib.sha256(f"{kind}|{device_id}|{at_ms}|{label}".encode()).hexdigest()[:24]
    return f"imported-{key}"
