"""An archive: a tar file, compressed by zstd, encrypted by age if wanted; written and read as a stream.

All three are standard formats, so `age -d | zstd -d | tar -x` opens an archive without Energy Track.
"""

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final, TypeVar

import msgspec
import zstandard
from msgspec import Struct

from energytrack.backup.errors import Damaged
from energytrack.backup.manifest import ABOUT, MANIFEST, ArchiveAbout, Manifest, Member
from energytrack.backup.sealing import sealed, unsealed

T = TypeVar("T")
LEVEL: Final = 3
"""zstd's default; a higher level takes twice the time and saves a few per cent."""
CHUNK: Final = 1 << 20
FEED: Final = 8 << 10
"""Bytes that are unpacked at a time: even what a hostile archive turns them into fits into memory."""
SMALL: Final = 64 << 20
"""The largest file that is read as a whole."""
NAME: Final = re.compile(r"[^/\0]+(?:/[^/\0]+)*")


class Owner(Struct, frozen=True):
    """The owner of a file, and its permissions."""

    mode: int
    uid: int
    gid: int


OURS: Final = Owner(0o600, 0, 0)


class ArchiveWriter:
    """Adds members to an archive, and records their sizes and hashes."""

    def __init__(self, tar: tarfile.TarFile, at: datetime) -> None:
        self._tar = tar
        self._at = at.timestamp()
        self.members: dict[str, Member] = {}

    def add(self, name: str, content: bytes) -> None:
        """Add a small file."""
        self.add_file(name, io.BytesIO(content), len(content), OURS)

    def add_file(self, name: str, content: IO[bytes], size: int, owner: Owner) -> None:
        """Add the first `size` bytes of a file."""
        info = tarfile.TarInfo(name)
        info.size, info.mtime = size, int(self._at)
        info.mode, info.uid, info.gid = owner.mode, owner.uid, owner.gid
        reader = _Hashing(content)
        self._tar.addfile(info, reader)  # type: ignore[arg-type]  # it only needs `read`
        self.members[name] = Member(size, reader.digest.hexdigest())


class ArchiveMember:
    """A member that is being read; its remainder is read before the next one."""

    def __init__(self, info: tarfile.TarInfo, content: IO[bytes]) -> None:
        self.name = info.name
        self.size = info.size
        self.owner = Owner(info.mode, info.uid, info.gid)
        self._content = _Hashing(content)

    def read(self, size: int = CHUNK) -> bytes:
        """At most `size` bytes; none at the end."""
        return self._content.read(size)

    def read_all(self) -> bytes:
        """The whole content; raises Damaged if it is larger than such a file may be."""
        if self.size > SMALL:
            raise Damaged(f"{self.name} is larger than anything that a backup holds in one piece.")
        return self._content.read(self.size)

    def noted(self) -> Member:
        """Size and hash of the member, after reading the rest of it."""
        while self.read():
            pass
        return Member(self.size, self._content.digest.hexdigest())


@contextmanager
def writing(file: IO[bytes], about: ArchiveAbout, recipients: Sequence[str]) -> Iterator[ArchiveWriter]:
    """Open an archive for adding members; `finish` adds the last one."""
    packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with sealed(file, recipients) as sink:
        with packer.stream_writer(sink, closefd=False) as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
            writer = ArchiveWriter(tar, about.started_at)
            writer.add(ABOUT, msgspec.json.format(msgspec.json.encode(about)))
            yield writer
        sink.flush()


def finish(writer: ArchiveWriter, *, at: datetime, documents: Mapping[str, int], left_out: tuple[str, ...]) -> Manifest:
    """Add the manifest, without which an archive is not complete."""
    manifest = Manifest(finished_at=at, documents=documents, left_out=left_out, members=dict(writer.members))
    writer.add(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


class ArchiveReader:
    """Reads members in order, and compares all of them with the manifest at the end."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._found: dict[str, Member] = {}
        first = self._next()
        if first is None or first.name != ABOUT:
            raise Damaged("This is not a backup of Energy Track.")
        self.about = _decoded(first.read_all(), ArchiveAbout)
        self._found[ABOUT] = first.noted()
        self.manifest: Manifest | None = None
        """Known once all members have been read."""

    def members(self) -> Iterator[ArchiveMember]:
        """All members except the manifest; raises Damaged at the end if something is missing or has been changed."""
        while (member := self._next()) is not None:
            if member.name == MANIFEST:
                self.manifest = _decoded(member.read_all(), Manifest)
                break
            yield member
            self._found[member.name] = member.noted()
        if self.manifest is None:
            raise Damaged("The backup is incomplete: its end is missing.")
        expected = self.manifest.members
        for name in sorted(expected.keys() | self._found.keys()):
            if name not in self._found:
                raise Damaged(f"The backup is damaged: {name} is missing.")
            if expected.get(name) != self._found[name]:
                raise Damaged(f"The backup is damaged: {name} has been changed.")

    def _next(self) -> ArchiveMember | None:
        info = self._tar.next()
        if info is None:
            return None
        content = self._tar.extractfile(info)
        if content is None or not NAME.fullmatch(info.name) or ".." in info.name.split("/"):
            raise Damaged(f"The backup holds {info.name!r}, which does not belong in a backup.")
        return ArchiveMember(info, content)


@contextmanager
def reading(path: Path, key: Path | None) -> Iterator[ArchiveReader]:
    """Open an archive for reading; raises Damaged, and BackupFailed if its key is missing."""
    try:
        with (
            path.open("rb") as file,
            unsealed(file, key) as packed,
        ):
            content = _Unpacked(packed)
            with tarfile.open(fileobj=content, mode="r|", bufsize=CHUNK) as tar:  # type: ignore[call-overload]  # it reads
                yield ArchiveReader(tar)
            while content.read(CHUNK):
                pass  # to the end, which contains the checksum
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise Damaged(f"The backup {path} is damaged, or is not a backup: {error}.") from error


class _Unpacked:
    """Decompresses zstd; unlike the library's own reader, it raises Damaged if the end is missing."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._unpacker = zstandard.ZstdDecompressor().decompressobj()
        self._waiting = bytearray()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        while len(self._waiting) < size and not self._unpacker.eof:
            piece = self._packed.read(FEED)
            if not piece:
                raise Damaged("The backup is incomplete: its end is missing.")
            self._waiting += self._unpacker.decompress(piece)
        some = bytes(self._waiting[:size])
        del self._waiting[:size]
        return some


class _Hashing:
    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self._content.read(size)
        self.digest.update(piece)
        return piece


def _decoded(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError as error:
        raise Damaged(f"The backup is damaged: {error}.") from error
