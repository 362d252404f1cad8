"""What a backup holds of a plant that works meanwhile, on a real database."""

import threading
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from energytrack.backup.making import BackupOrder, archives, make
from energytrack.clock import ManualClock
from energytrack.security.audit import Chains
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.contents import Contents
from energytrack.store.learning.models import ModelEntry
from energytrack.store.open import open_store
from energytrack.store.operations.machines import MachineRecord
from testkit.builders.backups import Killed, a_plant, documents, restored
from testkit.builders.control import an_order
from testkit.builders.messages import NOW, a_reading

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
YEAR = timedelta(days=365)


def test_a_backup_that_is_killed_leaves_no_archive(
    store: Store, contents: Contents, order: BackupOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name appears only when all of it is on disk; what is left of it is cleared away by the next one."""
    a_plant(store)
    order.folder.mkdir()
    leftover = order.folder / ".energytrack-earlier.tar.zst.partial"
    leftover.write_bytes(b"half")

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Contents, "marks", killed)
        with pytest.raises(Killed):
            make(order, contents, ManualClock(NOW))
    assert list(order.folder.iterdir()) == []
    assert archives(order.folder) == []


def test_old_backups_go_when_a_new_one_is_there(store: Store, contents: Contents, order: BackupOrder) -> None:
    """And never before; other files in the folder stay."""
    order.folder.mkdir()
    (order.folder / "notes.txt").write_text("mine")
    made = [make(replace(order, keep=2), contents, ManualClock(NOW + n * HOUR)).file for n in range(3)]
    assert archives(order.folder) == made[1:]
    assert (order.folder / "notes.txt").exists()


def test_writes_meanwhile_leave_a_state_to_go_on_from(
    store: Store, contents: Contents, elsewhere: MongoSettings, order: BackupOrder
) -> None:
    """Under writers that never stop, whatever refers to something finds it: orders their audit, cards their files."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            store.audit.append("orders", at=NOW, subject="maria", role="Editor", address="", deed=f"{number}",
                               details="{}")  # fmt: skip
            store.commands.add(an_order(f"cnc-{number:05d}", command_id=f"01CMD{number:06d}"))
            if number % 10 == 0:
                store.models.put(ModelEntry(f"v{number}", NOW, "{}", "00"), b"m" * 300_000)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [make(order, contents, ManualClock(NOW + n * SECOND)) for n in range(8)]
    finally:
        stop.set()
        writer.join()
    assert made[-1].manifest.documents["commands"] > made[0].manifest.documents.get("commands", 0)
    for each in made[1::3]:
        restored(each, elsewhere, replace=True)
        with closing(open_store(elsewhere)) as opened:
            entries = list(opened.audit.entries())
            assert list(Chains().check(entries)) == []
            deeds = {int(entry.deed) for entry in entries}
            orders = [int(name.removeprefix("01CMD")) for name in documents(elsewhere)["commands"]]
            assert set(orders) <= deeds
            for entry in opened.models.recent(0):
                assert opened.models.artifact(entry.version) == b"m" * 300_000


def test_a_collection_that_comes_meanwhile_is_in_it(
    store: Store, contents: Contents, elsewhere: MongoSettings, order: BackupOrder
) -> None:
    """The first model of a plant: its card is read, so its file is as well."""
    reported: list[str] = []

    def note(text: str) -> None:
        if not reported:
            store.models.put(ModelEntry("v1", NOW, "{}", "00"), b"a model")
        reported.append(text)

    made = make(order, contents, ManualClock(NOW), note=note)
    assert reported.index("collection models") < reported.index("collection model_files.chunks")
    restored(made, elsewhere)
    with closing(open_store(elsewhere)) as opened:
        assert [entry.version for entry in opened.models.recent(0)] == ["v1"]
        assert opened.models.artifact("v1") == b"a model"


def test_readings_of_a_clock_that_is_ahead_are_in_it(
    store: Store, contents: Contents, elsewhere: MongoSettings, order: BackupOrder
) -> None:
    """Whatever this computer's clock says: it may be the one that is wrong."""
    store.meters.begin({"cnc-0007": NOW.timestamp()})
    store.readings.put([a_reading(timestamp=NOW + years * YEAR) for years in (0, 10)])
    made = make(order, contents, ManualClock(NOW))
    restored(made, elsewhere)
    assert len(documents(elsewhere)["readings"]) == 2


def test_a_machine_that_is_renamed_meanwhile_is_whole(
    store: Store, contents: Contents, elsewhere: MongoSettings, order: BackupOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup begins again; the machine has its history under one name."""
    store.readings.put([a_reading()])
    store.meters.begin({"cnc-0007": NOW.timestamp()})
    reported: list[str] = []

    def note(text: str) -> None:
        reported.append(text)
        if text == "collection ledger" and not renamed:
            renamed.append(store.machines.rename("cnc-0007", "cnc-9999"))
            store.machines.put(MachineRecord("01REC", "cnc-0007", "renamed", "maria", NOW, "", to="cnc-9999",
                                             documents=renamed[0]))  # fmt: skip

    renamed: list[Any] = []
    made = make(order, contents, ManualClock(NOW), note=note)
    assert any("beginning again" in text for text in reported)
    restored(made, elsewhere)
    kept = documents(elsewhere)
    assert list(kept["meters"]) == ["cnc-9999"]
    assert [each["device"]["id"] for each in kept["readings"].values()] == ["cnc-9999"]


def test_late_readings_that_were_counted_meanwhile_are_counted_again(
    store: Store, contents: Contents, elsewhere: MongoSettings, order: BackupOrder
) -> None:
    """A mark that came, or went, while the backup was made is there after restoring, the earliest time of each."""
    store.meters.mark("cnc-0001", 100.0)

    def note(text: str) -> None:
        if text == "collection ledger_months":  # the meters and the ledger have been read
            store.meters.mark("cnc-0002", 50.0)
            store.meters.unmark("cnc-0001", 100.0, now=NOW.timestamp())
            store.meters.begin({"cnc-0003": 70.0})

    made = make(order, contents, ManualClock(NOW), note=note)
    restored(made, elsewhere)
    with closing(open_store(elsewhere)) as opened:
        states = opened.meters.counting(["cnc-0001", "cnc-0002", "cnc-0003"])
    assert states["cnc-0001"].recount_from == 100.0
    assert states["cnc-0002"].recount_from == 50.0
    assert states["cnc-0003"].begun == 70.0
