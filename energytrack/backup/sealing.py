"""Encryption by age (https://age-encryption.org), streamed; the private key need not be where archives are made."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

import pyrage

from energytrack.backup.errors import BackupFailed, Damaged

MAGIC: Final = b"age-encryption.org/"
"""The beginning of an encrypted file."""


def new_key(file: Path) -> str:
    """Write a new private key, readable by this user only; returns the public one. Raises BackupFailed."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BackupFailed(f"The key cannot be written to {file}: {error.strerror}.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        output.write(f"# public key: {public}\n{identity}\n")
    return public


@contextmanager
def sealed(file: IO[bytes], recipients: Sequence[str]) -> Iterator[IO[bytes]]:
    """A stream that is encrypted to public keys on its way into `file`; unchanged without any."""
    if not recipients:
        yield file
        return
    keys = [_public(each) for each in recipients]
    with _pipe() as (source, sink):
        worker = _Worker(lambda: pyrage.encrypt_io(source, file, keys), source)
        try:
            yield sink
        except BrokenPipeError:
            worker.join()
            raise
        finally:
            with suppress(BrokenPipeError):
                sink.close()
        worker.join()


@contextmanager
def unsealed(file: IO[bytes], identity: Path | None) -> Iterator[IO[bytes]]:
    """The content of `file`, decrypted if it is encrypted. Raises BackupFailed and Damaged."""
    start = file.read(len(MAGIC))
    file.seek(0)
    if start != MAGIC:
        yield file
        return
    if identity is None:
        raise BackupFailed("This backup is encrypted: name the file of its private key with --key.")
    keys = _private(identity)
    with _pipe() as (source, sink):
        worker = _Worker(lambda: pyrage.decrypt_io(file, sink, keys), sink)
        try:
            yield source
        except BaseException:  # also an interrupt: age must not wait for a reader that is gone
            source.close()
            worker.wait()
            if isinstance(worker.error, pyrage.DecryptError):
                worker.join()  # the reason why the content was cut off
            raise
        while source.read(1 << 20):
            pass
        worker.join()


@contextmanager
def _pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A pipe: the end to read from, and the end to write to."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as sink:
        yield source, sink


class _Worker:
    """Runs age at one end of a pipe, in a thread; `join` raises its failure."""

    def __init__(self, work: Callable[[], None], end: IO[bytes]) -> None:
        self.error: BaseException | None = None
        self._work, self._end = work, end
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # also a panic of age: the other end must not wait, nor take this for the end
            self.error = error
        with suppress(OSError):
            self._end.close()

    def wait(self) -> None:
        """Return when the thread has ended."""
        self._thread.join()

    def join(self) -> None:
        """The same; raises the thread's failure."""
        self.wait()
        match self.error:
            case None:
                return
            case pyrage.DecryptError():
                raise Damaged(f"The backup cannot be decrypted with this key: {self.error}.") from self.error
            case OSError():
                raise self.error
            case _:
                raise BackupFailed(f"Encryption failed: {self.error}.") from self.error


def _public(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise BackupFailed(f"Expected a public key of age (age1…), got {text.strip()!r}.") from error


def _private(file: Path) -> list[pyrage.x25519.Identity]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BackupFailed(f"The key {file} cannot be read: {error.strerror}.") from error
    try:
        identities = [
            pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.startswith("AGE-SECRET-KEY-")
        ]
    except pyrage.IdentityError as error:
        raise BackupFailed(f"{file} holds an incomplete private key: {error}.") from error
    if not identities:
        raise BackupFailed(f"{file} holds no private key of age (a line AGE-SECRET-KEY-…).")
    return identities
