"""The file itself: standard formats, and what is wrong with it in a sentence."""

import errno
import io
import os
import tarfile
from pathlib import Path

import pyrage
import pytest
import zstandard

from energytrack.backup.archive import finish, reading, writing
from energytrack.backup.errors import BackupFailed, Damaged
from energytrack.backup.manifest import FORMAT, ArchiveAbout
from energytrack.backup.sealing import new_key
from testkit.builders.messages import NOW

ABOUT = ArchiveAbout(format=FORMAT, release="0.2.0", schema=1, plant="test", started_at=NOW, has_secrets=False)


def an_archive(file: Path, *recipients: str) -> Path:
    with file.open("wb") as output, writing(output, ABOUT, recipients) as writer:
        writer.add("database/audit/000001.bson", b"document" * 1000)
        finish(writer, at=NOW, documents={"audit": 1}, left_out=("nothing",))
    return file


def test_other_programs_open_it(tmp_path: Path) -> None:
    """age, zstd and tar, where nothing of ours is left."""
    public = new_key(tmp_path / "key")
    raw = an_archive(tmp_path / "archive", public).read_bytes()
    secret = next(line for line in (tmp_path / "key").read_text().splitlines() if line.startswith("AGE-SECRET"))
    packed = pyrage.decrypt(raw, [pyrage.x25519.Identity.from_str(secret)])
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)) as content:
        whole = io.BytesIO(content.read())
    with tarfile.open(fileobj=whole) as tar:
        assert tar.getnames() == ["about.json", "database/audit/000001.bson", "manifest.json"]


def test_it_is_checked_by_reading_it(tmp_path: Path) -> None:
    with reading(an_archive(tmp_path / "archive"), None) as archive:
        assert archive.about == ABOUT
        names = [member.name for member in archive.members()]
    assert names == ["database/audit/000001.bson"]
    assert archive.manifest is not None
    assert archive.manifest.documents == {"audit": 1}


@pytest.mark.parametrize(
    "content", [b"", b"not an archive", zstandard.compress(b"neither"), b"age-encryption.org/v1\n"]
)
def test_what_is_no_archive_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "archive").write_bytes(content)
    new_key(tmp_path / "key")
    with pytest.raises(Damaged), reading(tmp_path / "archive", tmp_path / "key") as archive:
        list(archive.members())


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    """Wherever it is; some bits of zstd's format say nothing, and without them everything is as it was."""
    file = an_archive(tmp_path / "archive")
    raw, silent = file.read_bytes(), 0
    whole = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1 << place % 8
        file.write_bytes(changed)
        try:
            with reading(file, None) as archive:
                list(archive.members())
        except Damaged:
            continue
        assert zstandard.ZstdDecompressor().decompressobj().decompress(bytes(changed)) == whole
        silent += 1
    assert silent < len(raw) // 20


class _Full(io.BytesIO):
    """A disk without space after the first bytes."""

    def write(self, piece: object) -> int:
        if self.tell() > 1000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(piece)  # type: ignore[arg-type]


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_a_full_disk_is_said(tmp_path: Path, is_encrypted: bool) -> None:
    """Also where age writes, in a thread of its own."""
    recipients = (new_key(tmp_path / "key"),) if is_encrypted else ()
    with pytest.raises((OSError, BackupFailed), match="No space left"), writing(_Full(), ABOUT, recipients) as writer:
        writer.add("files/models/failure_model.pkl", os.urandom(2_000_000))


class _Panic(BaseException):
    """What a library raises that no `except Exception` catches."""


def test_what_age_gave_up_never_looks_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nobody waits for the rest of it."""

    def panicked(*_: object) -> None:
        raise _Panic("panicked")

    public = new_key(tmp_path / "key")
    file = an_archive(tmp_path / "archive", public)
    monkeypatch.setattr(pyrage, "encrypt_io", panicked)
    with pytest.raises(BackupFailed, match="panicked"):
        an_archive(tmp_path / "another", public)
    monkeypatch.setattr(pyrage, "decrypt_io", panicked)
    with pytest.raises(BackupFailed), reading(file, tmp_path / "key") as archive:
        list(archive.members())


def test_a_key_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="Expected a public key of age"):
        an_archive(tmp_path / "archive", "age1nonsense")
    (tmp_path / "empty").write_text("# nothing\n")
    file = an_archive(tmp_path / "archive", new_key(tmp_path / "key"))
    for key, said in ((tmp_path / "empty", "holds no private key"), (tmp_path / "none", "cannot be read")):
        with pytest.raises(BackupFailed, match=said), reading(file, key):
            pass
    with pytest.raises(BackupFailed, match="cannot be written"):
        new_key(tmp_path / "key")


def test_the_key_is_for_its_owner_only(tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
