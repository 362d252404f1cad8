"""What a backup brings back, on a real database."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pymongo import MongoClient

from energytrack.audit import Chains
from energytrack.backup.archive import finish, writing
from energytrack.backup.errors import BackupFailed, Damaged
from energytrack.backup.making import BackupOrder, MadeBackup, archives, make
from energytrack.backup.manifest import FORMAT, ArchiveAbout
from energytrack.backup.restoring import check, restore_database
from energytrack.backup.sealing import new_key
from energytrack.clock import ManualClock
from energytrack.errors import RestoreUnfinished
from energytrack.plant import Place
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.contents import Contents, open_contents
from energytrack.store.learning.models import ModelEntry
from energytrack.store.open import open_store
from energytrack.store.operations.machines import MachineRecord
from energytrack.store.schema import VERSION
from energytrack.store.telemetry.imports import Batch
from testkit.builders import NOW, a_reading, an_event, an_insight
from testkit.control_builders import a_lock, an_alarm, an_order

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def contents(settings: MongoSettings) -> Iterator[Contents]:
    with closing(open_contents(settings)) as opened:
        yield opened


@pytest.fixture
def order(tmp_path: Path) -> BackupOrder:
    return BackupOrder(folder=tmp_path / "backups", areas=(), plant="test", release="0.2.0")


def restored(
    made: MadeBackup, settings: MongoSettings, *, replace: bool = False, key: Path | None = None
) -> MadeBackup:
    with closing(open_contents(settings)) as contents, closing(open_store(settings)) as store:
        return restore_database(made.file, key, contents, store, replace=replace)


def documents(settings: MongoSettings) -> dict[str, dict[str, Any]]:
    """Everything in a database, by collection and key, without what changes by itself."""
    with MongoClient[dict[str, Any]](settings.uri.get_secret_value(), tz_aware=True) as client:
        database = client[settings.database]
        return {
            name: {str(each["_id"]): each for each in database[name].find()}
            for name in database.list_collection_names()
        }


def indexes(settings: MongoSettings) -> dict[str, Any]:
    with MongoClient[dict[str, Any]](settings.uri.get_secret_value()) as client:
        database = client[settings.database]
        return {name: database[name].index_information() for name in database.list_collection_names()}


def a_plant(store: Store) -> None:
    """Something in each kind of collection."""
    store.readings.put([a_reading(f"cnc-{i % 30:04d}", timestamp=NOW + i * SECOND) for i in range(3000)])
    store.insights.put([an_insight()], lambda _: Place("cnc_machine", "line-a"))
    store.events.put([an_event("failure"), an_event("fault_code")])
    store.meters.begin({f"cnc-{i:04d}": NOW.timestamp() for i in range(30)})
    store.commands.add(an_order())
    store.locks.add(a_lock())
    store.alarms.put(an_alarm(), before=None, entry=None)
    store.models.put(ModelEntry("v1", NOW, "{}", "00"), b"a model" * 100_000)
    for number in range(5):
        store.audit.append("orders", at=NOW + number * SECOND, subject="maria", role="Editor", address="192.0.2.7",
                           deed="POST /api/shutdown", details="{}")  # fmt: skip


def test_everything_is_there_again_with_its_indexes(
    store: Store, settings: MongoSettings, contents: Contents, elsewhere: MongoSettings, order: BackupOrder
) -> None:
    """Every document of every collection, in a database that was empty; the chain of the audit log holds."""
    a_plant(store)
    made = make(order, contents, ManualClock(NOW))
    assert archives(order.folder) == [made.file]
    assert made.manifest.documents["readings"] == 3000
    assert restored(made, elsewhere).manifest == made.manifest

    assert documents(elsewhere) == documents(settings)
    assert indexes(elsewhere) == indexes(settings)
    with closing(open_store(elsewhere)) as opened:
        opened.prepare()
        assert list(Chains().check(opened.audit.entries())) == []
        assert opened.models.artifact("v1") == b"a model" * 100_000
        assert len(opened.readings.latest("cnc-0007", 1000, until=NOW + HOUR)) == 100
    assert indexes(elsewhere) == indexes(settings)


def test_an_encrypted_one_needs_its_key(
    store: Store, contents: Contents, elsewhere: MongoSettings, order: BackupOrder, tmp_path: Path
) -> None:
    """Without the key, or with another one, nothing is changed; the key opens it."""
    a_plant(store)
    public = new_key(tmp_path / "key")
    new_key(tmp_path / "another")
    made = make(replace(order, recipients=(public,)), contents, ManualClock(NOW))
    assert b"cnc-0007" not in made.file.read_bytes()
    with pytest.raises(BackupFailed, match="name the file of its private key"):
        restored(made, elsewhere)
    with pytest.raises(Damaged, match="cannot be decrypted with this key"):
        restored(made, elsewhere, key=tmp_path / "another")
    assert documents(elsewhere) == {}
    restored(made, elsewhere, key=tmp_path / "key")
    assert len(documents(elsewhere)["readings"]) == 3000


def test_a_plant_that_is_not_empty_is_not_replaced_by_accident(
    store: Store, settings: MongoSettings, contents: Contents, order: BackupOrder
) -> None:
    """Without a flag the restore is refused and changes nothing; with it, all that came later is gone."""
    store.commands.add(an_order())
    made = make(order, contents, ManualClock(NOW))
    store.locks.add(a_lock())
    before = documents(settings)
    with pytest.raises(BackupFailed, match="not empty"):
        restored(made, settings)
    assert documents(settings) == before
    restored(made, settings, replace=True)
    assert store.commands.get("01CMD") is not None
    assert store.locks.of("cnc-0007") is None


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_half_an_archive_never_looks_whole(
    store: Store, contents: Contents, elsewhere: MongoSettings, order: BackupOrder, tmp_path: Path, is_encrypted: bool
) -> None:
    """Cut off anywhere, it is refused, and nothing is touched."""
    store.readings.put([a_reading()])
    key = tmp_path / "key"
    recipients = (new_key(key),) if is_encrypted else ()
    made = make(replace(order, recipients=recipients), contents, ManualClock(NOW))
    raw = made.file.read_bytes()
    for cut in (1, len(raw) // 10, len(raw) // 2, len(raw) - 1):
        made.file.write_bytes(raw[:cut])
        with pytest.raises(Damaged):
            check(made.file, key)
    with pytest.raises(Damaged):
        restored(made, elsewhere, key=key)
    assert documents(elsewhere) == {}


class _Killed(BaseException):
    """Stands for kill -9: nothing of ours runs after it."""


def test_what_was_killed_in_the_middle_is_begun_anew(
    store: Store, settings: MongoSettings, contents: Contents, elsewhere: MongoSettings, order: BackupOrder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Services refuse half a plant, a backup of it is refused, and restoring again needs no flag and is complete."""
    a_plant(store)
    made = make(order, contents, ManualClock(NOW))

    def killed(*_: object) -> None:
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(Contents, "create_indexes", killed)
        with pytest.raises(_Killed):
            restored(made, elsewhere)
    with closing(open_store(elsewhere)) as half, pytest.raises(RestoreUnfinished, match=made.file.name):
        half.prepare()
    with closing(open_contents(elsewhere)) as half_contents, pytest.raises(BackupFailed, match="only part"):
        make(order, half_contents, ManualClock(NOW + HOUR))
    restored(made, elsewhere)
    assert documents(elsewhere) == documents(settings)


def test_a_backup_that_is_killed_leaves_no_archive(
    store: Store, contents: Contents, order: BackupOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name appears only when all of it is on disk; what is left of it is cleared away by the next one."""
    a_plant(store)
    order.folder.mkdir()
    leftover = order.folder / ".energytrack-earlier.tar.zst.partial"
    leftover.write_bytes(b"half")

    def killed(*_: object) -> None:
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(Contents, "marks", killed)
        with pytest.raises(_Killed):
            make(order, contents, ManualClock(NOW))
    assert list(order.folder.iterdir()) == []
    assert archives(order.folder) == []


def test_a_backup_of_a_newer_release_is_refused_in_a_sentence(
    elsewhere: MongoSettings, order: BackupOrder, tmp_path: Path
) -> None:
    about = ArchiveAbout(
        format=FORMAT, release="9.0.0", schema=VERSION + 1, plant="test", started_at=NOW, has_secrets=False
    )  # fmt: skip
    file = tmp_path / "newer.tar.zst"
    with file.open("wb") as output, writing(output, about, ()) as writer:
        manifest = finish(writer, at=NOW, documents={}, left_out=())
    with pytest.raises(BackupFailed, match=r"newer release \(9\.0\.0"):
        restored(MadeBackup(file, about, manifest), elsewhere)
    assert documents(elsewhere) == {}


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
    heard: list[str] = []

    def note(text: str) -> None:
        if not heard:
            store.models.put(ModelEntry("v1", NOW, "{}", "00"), b"a model")
        heard.append(text)

    made = make(order, contents, ManualClock(NOW), note=note)
    assert heard.index("collection models") < heard.index("collection model_files.chunks")
    restored(made, elsewhere)
    with closing(open_store(elsewhere)) as opened:
        assert [entry.version for entry in opened.models.recent(0)] == ["v1"]
        assert opened.models.artifact("v1") == b"a model"


def test_a_machine_that_is_renamed_meanwhile_is_whole(
    store: Store, contents: Contents, elsewhere: MongoSettings, order: BackupOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup begins again; the machine has its history under one name."""
    store.readings.put([a_reading()])
    store.meters.begin({"cnc-0007": NOW.timestamp()})
    heard: list[str] = []

    def note(text: str) -> None:
        heard.append(text)
        if text == "collection ledger" and not renamed:
            renamed.append(store.machines.rename("cnc-0007", "cnc-9999"))
            store.machines.put(MachineRecord("01REC", "cnc-0007", "renamed", "maria", NOW, "", to="cnc-9999",
                                             documents=renamed[0]))  # fmt: skip

    renamed: list[Any] = []
    made = make(order, contents, ManualClock(NOW), note=note)
    assert any("beginning again" in text for text in heard)
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


def test_an_import_that_was_going_on_is_taken_over_anew(
    store: Store, contents: Contents, elsewhere: MongoSettings, order: BackupOrder
) -> None:
    """Its days are noted for the historian, whatever of it had been taken over."""
    batch = Batch(
        batch_id="b1", file="july.csv", state="stored", by="maria", at=NOW, machines=("cnc-0007",), first=NOW,
        last=NOW + HOUR, headings="", choices={},
    )  # fmt: skip
    store.imports.put(batch)
    restored(make(order, contents, ManualClock(NOW)), elsewhere)
    with closing(open_store(elsewhere)) as opened:
        assert NOW.date() in opened.imports.marked(100)["cnc-0007"]
