"""Chains of entries: whatever is done to one is found, and named."""

from datetime import timedelta

import msgspec
import pytest

from energytrack.security.audit import BEGINNING, AuditEntry, ChainHead, Chains
from testkit.dates import NOW


def a_chain(stream: str, count: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for number in range(1, count + 1):
        entries.append(
            AuditEntry(
                stream=stream,
                number=number,
                at=NOW + timedelta(minutes=number),
                subject="grafana:maria",
                role="Editor",
                address="192.0.2.7",
                deed="POST /api/devices/cnc-0007/shutdown",
                details='{"reason":"smoke"}',
                previous=entries[-1].hash if entries else BEGINNING,
            ).sealed()
        )
    return entries


def faults(entries: list[AuditEntry], **noted: ChainHead) -> list[str]:
    return list(Chains().check(entries, noted))


def test_what_nobody_touched_has_no_fault_and_two_streams_do_not_mix() -> None:
    chains = Chains()
    locks, orders = a_chain("locks", 2), a_chain("orders", 3)
    assert list(chains.check([*locks, *orders])) == []
    assert chains.heads == {"locks": ChainHead(2, locks[-1].hash), "orders": ChainHead(3, orders[-1].hash)}


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "grafana:paul"},
        {"role": "Admin"},
        {"address": ""},
        {"deed": "POST /api/devices/cnc-0008/shutdown"},
        {"details": "{}"},
        {"at": NOW},
    ],
)
def test_a_changed_entry_is_named(change: dict[str, object]) -> None:
    entries = a_chain("orders", 3)
    entries[1] = msgspec.structs.replace(entries[1], **change)
    (fault,) = faults(entries)
    assert fault.startswith("orders: entry 2 (")
    assert fault.endswith("was changed: its hash does not match its content")


def test_an_entry_that_was_changed_and_sealed_again_breaks_the_next_one() -> None:
    entries = a_chain("orders", 3)
    entries[1] = msgspec.structs.replace(entries[1], details="{}").sealed()
    (fault,) = faults(entries)
    assert "entry 3" in fault
    assert fault.endswith("does not follow entry 2: that one was replaced")


def test_missing_entries_are_counted() -> None:
    entries = a_chain("orders", 5)
    assert faults([entries[0], *entries[2:]]) == ["orders: entry 2 is missing"]
    assert faults(entries[3:]) == ["orders: entries 1 to 3 are missing"]


def test_an_end_that_was_cut_off_and_a_chain_that_was_made_again_are_found_by_a_head_that_was_noted() -> None:
    entries = a_chain("orders", 3)
    head = ChainHead(3, entries[-1].hash)
    assert faults(entries, orders=head) == []
    assert faults(entries[:2], orders=head) == [
        "orders ends before entry 3, which was noted earlier: its end was cut off"
    ]
    other = [msgspec.structs.replace(entry, subject="grafana:paul") for entry in entries]
    again: list[AuditEntry] = []
    for entry in other:
        again.append(msgspec.structs.replace(entry, previous=again[-1].hash if again else BEGINNING).sealed())
    (fault,) = faults(again, orders=head)
    assert "is not the entry that was noted" in fault
