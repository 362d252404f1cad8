"""What an archive says of itself: at its beginning what it is, at its end everything that is in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

FORMAT: Final = 1
"""Of this release; one more whenever an older release could no longer read what this one writes."""
ABOUT: Final = "about.json"
"""The first member of an archive."""
MANIFEST: Final = "manifest.json"
"""Its last one: an archive without it is not whole."""


class ArchiveAbout(Struct, frozen=True, kw_only=True):
    """The first member."""

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
    """The last member."""

    finished_at: datetime
    documents: Mapping[str, int]
    """The number of documents by collection."""
    left_out: tuple[str, ...]
    """What a plant may miss after restoring, each as a sentence."""
    members: Mapping[str, Member]
    """Every other member by name."""
