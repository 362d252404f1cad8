import msgspec

from energytrack.store.operations.pages import Escalation
from testkit.dates import NOW


def test_who_was_paged_keeps_its_stored_name() -> None:
    """Databases have it as `told`, from releases before this one."""
    paged = Escalation(
        case_id="cnc-0007", opened_at=NOW, severity="critical", step=0, rounds=1, paged=("maria",), due_at=NOW
    )
    stored = msgspec.to_builtins(paged)
    assert stored["told"] == ("maria",)
    assert msgspec.convert(stored, Escalation) == paged
