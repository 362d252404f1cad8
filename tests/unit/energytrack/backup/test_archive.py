"""The file itself: standard formats, and what is wrong with it in a sentence."""

import io
import tarfile
from pathlib import Path

import pyrage
import pytest
import zstandard

from energytrack.backup.archive import finish, reading, writing
from energytrack.backup.errors import BackupFailed, Damaged
from energytrack.backup.manifest import FORMAT, ArchiveAbout
from energytrack.backup.sealing import new_key
from testkit.builders import NOW

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
