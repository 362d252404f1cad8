"""The ids of imported events: an event has the same id in every file that contains it."""

import hashlib


def imported_event_id(kind: str, device_id: str, at_ms: int, label: str) -> str:
    """`label` is the event's mode, code or component. Events that differ in any argument are different events."""
    key = hashlib.sha256(f"{kind}|{device_id}|{at_ms}|{label}".encode()).hexdigest()[:24]
    return f"imported-{key}"
