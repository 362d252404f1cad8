"""What an archive states about itself: at its beginning what it is, at its end everything in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

FORMAT: Final = 1
"""The format of this release; raised when older releases could no longer read it."""
ABOUT: Final = "about.json"
"""The name of the first member of an archive."""
MANIFEST: Final = "manifest.json"
"""The name of the last one: an archive without it is incomplete."""


class ArchiveAbout(Struct, frozen=True, kw_only=True):
    """The first member: what the archive is."""

    format: int
    release: str
    """The version of Energy Track that made it."""
    schema: int
    """The version of the data in the database."""
    plant: str
    """The plant's name."""
    started_at: datetime
    """Everything that was acknowledged before this moment is in the archive."""
    has_secrets: bool


class Member(Struct, frozen=True, array_like=True):
    """A file in the archive."""

    size: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """The last member: everything in the archive."""

    finished_at: datetime
    documents: Mapping[str, int]
    """The number of documents by collection."""
    left_out: tuple[str, ...]
    """What a plant may miss after restoring, each as a sentence."""
    members: Mapping[str, Member]
    """Every other member by name."""
