"""Who may release a lock. Pure."""

from control_api.auth.identity import Actor
from control_api.http.problems import Problem
from energytrack.security.names import name_of
from energytrack.store.operations.locks import Lock


def refusal(lock: Lock, *, by: Actor, reason: str | None) -> Problem | None:
    """Why a caller may not release a lock; None for its holder, and for an administrator who gives a reason."""
    if by.subject == lock.holder:
        return None
    if by.role != "Admin":
        return Problem("not_holder", f"Only {name_of(lock.holder)} or an administrator can release {lock.device_id}.")
    if reason is None:
        holder = name_of(lock.holder)
        return Problem("reason_needed", f"{holder} holds the lock; give a reason for releasing it for them.")
    return None
