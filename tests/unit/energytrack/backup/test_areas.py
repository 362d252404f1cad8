"""Folders that are copied while services write to them."""

import io
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from energytrack.backup.archive import Owner, finish, reading, writing
from energytrack.backup.areas import Area, add_area, put_member
from energytrack.backup.errors import BackupFailed, Damaged
from energytrack.backup.manifest import FORMAT, ArchiveAbout
from testkit.builders.messages import NOW

ABOUT = ArchiveAbout(format=FORMAT, release="0.2.0", schema=1, plant="test", started_at=NOW, has_secrets=True)


def kept(areas: Sequence[Area], file: Path) -> Path:
    """An archive of some areas."""
    with file.open("wb") as output, writing(output, ABOUT, ()) as writer:
        for area in areas:
            add_area(writer, area)
        finish(writer, at=NOW, documents={}, left_out=())
    return file


def put_back(file: Path, areas: Sequence[Area], *, owners: bool = False) -> None:
    with reading(file, None) as archive:
        for member in archive.members():
            put_member(member, areas, owners=owners)


def test_files_come_back_with_their_rights(tmp_path: Path) -> None:
    """In folders that are made for them; what the patterns leave out stays out."""
    source = tmp_path / "source"
    (source / "kafka").mkdir(parents=True)
    (source / "key").write_text("secret")
    (source / "key").chmod(0o600)
    (source / "kafka" / "admin").write_text("password")
    (source / "lock").write_text("")
    (source / "link").symlink_to("/etc/passwd")
    file = kept([Area("secrets", source, secret=True, never=("lock",))], tmp_path / "archive")
    put_back(file, [Area("secrets", tmp_path / "target", secret=True)])
    found = {path.relative_to(tmp_path / "target").as_posix() for path in (tmp_path / "target").rglob("*")}
    assert found == {"key", "kafka", "kafka/admin"}
    assert (tmp_path / "target" / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "target").stat().st_mode & 0o077 == 0


def test_files_that_are_named_are_those_of_the_folder(tmp_path: Path) -> None:
    """Files outside the folder, or links to them, are reported: a plant would miss them after restoring."""
    (tmp_path / "shared.ics").write_text("")
    folder = tmp_path / "plant"
    folder.mkdir()
    for name in ("plant[1].toml", "another.toml"):
        (folder / name).write_text("")
    (folder / "link.ics").symlink_to("../shared.ics")
    whole = str(folder / "another.toml")
    area = Area("plant", folder, only=("plant[1].toml", "none.ics", "../shared.ics", "link.ics", whole))
    put_back(kept([area], tmp_path / "archive"), [Area("plant", tmp_path / "target")])
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["plant[1].toml"]
    assert area.elsewhere() == ["../shared.ics", "link.ics", whole]


def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is missing is."""
    (tmp_path / "keys").mkdir()
    listed = os.scandir

    def refused(folder: Path) -> object:
        if str(folder).endswith("keys"):
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    monkeypatch.setattr(os, "scandir", refused)
    with writing(io.BytesIO(), ABOUT, ()) as writer:
        with pytest.raises(BackupFailed, match="keys cannot be read: Permission denied"):
            add_area(writer, Area("secrets", tmp_path))
        assert add_area(writer, Area("secrets", tmp_path / "none")) == 0


def test_secrets_as_kubernetes_mounts_them_are_files(tmp_path: Path) -> None:
    """Links to a folder that is replaced as a whole."""
    source = tmp_path / "source"
    (source / "..mounted").mkdir(parents=True)
    (source / "..mounted" / "key").write_text("secret")
    (source / "..data").symlink_to("..mounted")
    (source / "key").symlink_to("..data/key")
    put_back(kept([Area("keys", source)], tmp_path / "archive"), [Area("keys", tmp_path / "target")])
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["key"]
    assert (tmp_path / "target" / "key").read_text() == "secret"


def test_an_open_transaction_of_sqlite_is_not_in_it(tmp_path: Path) -> None:
    """The copy is what was committed, whole and readable, whatever is being written."""
    source = tmp_path / "grafana.db"
    with closing(sqlite3.connect(source, isolation_level=None)) as writer:
        writer.execute("create table silences (id integer)")
        writer.execute("insert into silences values (1)")
        writer.execute("pragma journal_mode=wal")
        writer.execute("begin")
        writer.execute("insert into silences values (2)")
        file = kept([Area("grafana", source)], tmp_path / "archive")
        writer.execute("commit")
    put_back(file, [Area("grafana", tmp_path / "target")])
    with closing(sqlite3.connect(tmp_path / "target" / "grafana.db")) as copy:
        assert copy.execute("select id from silences").fetchall() == [(1,)]
        assert copy.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_journal_that_a_killed_server_left_is_not_played_into_the_restored_file(tmp_path: Path) -> None:
    """It belongs to the file that was there before."""
    source = tmp_path / "grafana.db"
    with closing(sqlite3.connect(source)) as writer:
        writer.execute("create table silences (id integer)")
    file = kept([Area("grafana", source)], tmp_path / "archive")
    target = tmp_path / "target"
    target.mkdir()
    for name in ("grafana.db", "grafana.db-journal", "grafana.db-wal", "grafana.db-shm", "another.db-wal"):
        (target / name).write_bytes(b"old")
    put_back(file, [Area("grafana", target)])
    assert sorted(path.name for path in target.iterdir()) == ["another.db-wal", "grafana.db"]


def test_a_new_volume_belongs_to_whom_its_files_belong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server writes beside them. A folder that holds something keeps its owner; nothing runs as its owner."""
    file = tmp_path / "archive"
    with file.open("wb") as output, writing(output, ABOUT, ()) as writer:
        for name in ("grafana.db", "plugins/one/plugin.json"):
            writer.add_file(f"files/grafana/{name}", io.BytesIO(b"x"), 1, Owner(0o4755, 472, 0))
        finish(writer, at=NOW, documents={}, left_out=())
    given: list[tuple[str, int, int]] = []
    target = tmp_path / "target"
    (target / "plugins").mkdir(parents=True)
    (target / "plugins" / "another").write_text("")

    def chown(path: Path, uid: int, gid: int) -> None:
        given.append((path.relative_to(tmp_path).as_posix(), uid, gid))

    monkeypatch.setattr(os, "chown", chown)
    put_back(file, [Area("grafana", target)], owners=True)
    put_back(file, [Area("grafana", tmp_path / "volume")], owners=True)
    assert [name for name, *owner in given if owner == [472, 0]] == [
        "target/grafana.db", "target/plugins/one", "target/plugins/one/plugin.json",
        "volume", "volume/grafana.db", "volume/plugins", "volume/plugins/one", "volume/plugins/one/plugin.json",
    ]  # fmt: skip
    assert (target / "grafana.db").stat().st_mode & 0o7777 == 0o755


def test_a_file_that_grows_is_copied_as_it_was_found(tmp_path: Path) -> None:
    """Such as the log of Prometheus."""
    source = tmp_path / "segment"
    source.write_bytes(b"x" * 100)

    class _Growing(io.BytesIO):
        def write(self, piece: object) -> int:
            with source.open("ab") as more:
                more.write(b"y" * 100)
            return super().write(piece)  # type: ignore[arg-type]

    output = _Growing()
    with writing(output, ABOUT, ()) as writer:
        add_area(writer, Area("prometheus", source))
        finish(writer, at=NOW, documents={}, left_out=())
    (tmp_path / "archive").write_bytes(output.getvalue())
    put_back(tmp_path / "archive", [Area("prometheus", tmp_path / "target")])
    assert (tmp_path / "target" / "segment").read_bytes() == b"x" * 100


def test_a_folder_that_never_rests_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup of two halves of two moments would be worse."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "model.pkl").write_text("1")
    opened = Path.open

    def replaced(path: Path, mode: str) -> object:
        file = opened(path, mode)
        with opened(source / "new", "wb") as new:
            new.write(b"2")
        (source / "new").replace(source / "model.pkl")
        return file

    output = io.BytesIO()
    with writing(output, ABOUT, ()) as writer:
        monkeypatch.setattr(Path, "open", replaced)
        with pytest.raises(BackupFailed, match="keeps changing"):
            add_area(writer, Area("models", source))


def test_no_archive_writes_outside_its_areas(tmp_path: Path) -> None:
    file = tmp_path / "archive"
    with file.open("wb") as output, writing(output, ABOUT, ()) as writer:
        writer.add("files/models/../../escaped", b"bad")
        finish(writer, at=NOW, documents={}, left_out=())
    with pytest.raises(Damaged, match="which does not belong in a backup"):
        put_back(file, [Area("models", tmp_path / "target")])
    assert not (tmp_path / "escaped").exists()
