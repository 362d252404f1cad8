"""What a backup brings back, on a real database."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pymongo import MongoClient

from energytrack.backup.archive import finish, writing
from energytrack.backup.errors import BackupFailed, Damaged
from energytrack.backup.making import BackupOrder, FinishedBackup, archives, make
from energytrack.backup.manifest import FORMAT, ArchiveAbout
from energytrack.backup.restoring import check
from energytrack.backup.sealing import new_key
from energytrack.clock import ManualClock
from energytrack.errors import RestoreUnfinished
from energytrack.security.audit import Chains
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.contents import Contents, open_contents
from energytrack.store.open import open_store
from energytrack.store.schema import VERSION
from energytrack.store.telemetry.imports import Batch
from testkit.builders.backups import Killed, a_plant, documents, restored
from testkit.builders.control import a_lock, an_order
from testkit.builders.messages import NOW, a_reading

HOUR = timedelta(hours=1)


def indexes(settings: MongoSettings) -> dict[str, Any]:
    with MongoClient[dict[str, Any]](settings.uri.get_secret_value()) as client:
        database = client[settings.database]
        return {name: database[name].index_information() for name in database.list_collection_names()}


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


def test_what_was_killed_in_the_middle_is_begun_again(
    store: Store, settings: MongoSettings, contents: Contents, elsewhere: MongoSettings, order: BackupOrder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Services refuse half a plant, a backup of it is refused, and restoring again needs no flag and is complete."""
    a_plant(store)
    made = make(order, contents, ManualClock(NOW))

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Contents, "create_indexes", killed)
        with pytest.raises(Killed):
            restored(made, elsewhere)
    with closing(open_store(elsewhere)) as half, pytest.raises(RestoreUnfinished, match=made.file.name):
        half.prepare()
    with closing(open_contents(elsewhere)) as half_contents, pytest.raises(BackupFailed, match="only part"):
        make(order, half_contents, ManualClock(NOW + HOUR))
    restored(made, elsewhere)
    assert documents(elsewhere) == documents(settings)


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
        restored(FinishedBackup(file, about, manifest), elsewhere)
    assert documents(elsewhere) == {}


def test_an_import_that_was_going_on_is_taken_over_again(
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
        assert NOW.date() in [noted.date for noted in opened.imports.marked(100)["cnc-0007"]]
