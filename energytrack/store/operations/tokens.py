"""Secrets with which people and scripts sign in: bearer tokens, sessions, one-time links. Only digests are stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
import pymongo
from msgspec import Struct
from pymongo import DESCENDING, IndexModel

from energytrack.store.link import ANSWER_SECONDS, LONG_SECONDS, Document, Link

TokenKind = Literal["token", "session", "link"]
USE_RESOLUTION: Final = timedelta(minutes=1)
"""How often a token's last use is recorded."""
FORGET_SECONDS: Final = 30 * 24 * 3600
"""An expired one is deleted after this long."""


class Token(Struct, frozen=True, kw_only=True):
    """A caller's secret, by its digest."""

    token_id: str
    kind: TokenKind
    name: str
    """Its holder: becomes part of `requested_by`."""
    role: str
    digest: bytes
    """SHA-256 of the secret, which has 256 random bits itself."""
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    """None means valid until it is revoked."""
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is still valid."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Tokens:
    """The collection `tokens`."""

    name: Final = "tokens"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Create the index that expires them."""
        with self._link.asking(seconds=LONG_SECONDS):
            self._link.collection(self.name).create_indexes(
                [IndexModel([("expires_at", pymongo.ASCENDING)], name="forget", expireAfterSeconds=FORGET_SECONDS)]
            )

    def add(self, token: Token) -> None:
        """Store a new token."""
        document: Document = msgspec.to_builtins(token, builtin_types=(datetime, bytes))
        document["_id"] = document.pop("token_id")
        self._link.insert(self.name, [document])

    def get(self, token_id: str, *, seconds: float = ANSWER_SECONDS) -> Token | None:
        """A token, valid or not; None if it does not exist."""
        with self._link.asking(seconds=seconds):
            document = self._link.collection(self.name).find_one({"_id": token_id})
        return self._link.unreadable.one(self.name, document, _token)

    def all(self, kind: TokenKind) -> Sequence[Token]:
        """All tokens of a kind, newest first."""
        with self._link.asking():
            documents = self._link.collection(self.name).find({"kind": kind}).sort("_id", DESCENDING)
            return list(self._link.unreadable.passed_over(self.name, documents, _token))

    def revoke(self, token_id: str, at: datetime) -> bool:
        """Revoke a token; False if there is none, or it was revoked before. Of two concurrent calls, one gets True."""
        with self._link.asking():
            changed = self._link.collection(self.name).update_one(
                {"_id": token_id, "revoked_at": None}, {"$set": {"revoked_at": at}}
            )
        return changed.modified_count == 1

    def used(self, token: Token, at: datetime, *, seconds: float = ANSWER_SECONDS) -> None:
        """Record that a token was used; not every use is stored."""
        if token.last_used_at is not None and at - token.last_used_at < USE_RESOLUTION:
            return
        with self._link.asking(seconds=seconds):
            self._link.collection(self.name).update_one({"_id": token.token_id}, {"$set": {"last_used_at": at}})


def _token(document: Document) -> Token:
    return msgspec.convert({**document, "token_id": document["_id"]}, Token)
