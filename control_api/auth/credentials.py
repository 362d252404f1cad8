"""The secrets that Energy Track issues: tokens, sign-in links and sessions."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, cast

from control_api.auth.identity import Identity, Role
from control_api.auth.known_tokens import KnownTokens
from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.store.link import ANSWER_SECONDS
from energytrack.store.operations.tokens import Token, TokenKind, Tokens

PREFIX: Final = "et"
SECRET_BYTES: Final = 32
SESSION_TIME: Final = timedelta(hours=12)
LINK_TIME: Final = timedelta(hours=12)
PATIENCE_SECONDS: Final = 2.0
"""How long a caller who only reads waits for the database before what was valid lately is enough."""


@dataclass(frozen=True)
class Credentials:
    """Issues and checks secrets; only their digests are stored."""

    tokens: Tokens
    clock: Clock
    new_id: Callable[[], str]
    known: KnownTokens = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", KnownTokens(self.clock))

    def issue(self, kind: TokenKind, *, name: str, role: Role, by: str, lasts: timedelta | None) -> tuple[Token, str]:
        """A new secret: the record to store, and the secret, which is shown once."""
        now = self.clock.now()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        token = Token(
            token_id=self.new_id(),
            kind=kind,
            name=name,
            role=role,
            digest=digest(secret),
            created_at=now,
            created_by=by,
            expires_at=None if lasts is None else now + lasts,
        )
        self.tokens.add(token)
        return token, f"{PREFIX}_{token.token_id}_{secret}"

    def check(self, kind: TokenKind, secret_text: str, *, only_reads: bool = False) -> Token | None:
        """The token of a valid secret; None for an invalid one, whatever the reason.

        A caller who only reads is accepted while the database does not answer in time, if the secret was valid within
        the last quarter of an hour; without that, StoreUnavailable is raised.
        """
        prefix, _, rest = secret_text.partition("_")
        token_id, _, secret = rest.partition("_")
        if prefix != PREFIX or not 1 <= len(token_id) <= 64 or not secret:
            return None
        known = self.known.get(token_id) if only_reads else None
        if known is not None and not self._is_valid(known, kind, secret):
            known = None
        if known is not None and self.known.is_slow():
            return known
        try:
            token = self.tokens.get(token_id, seconds=ANSWER_SECONDS if known is None else PATIENCE_SECONDS)
        except StoreUnavailable:
            self.known.note_slow()
            if known is None:
                raise
            return known
        if token is None or not token.holds(self.clock.now()):
            if token is not None or self.known.get(token_id) is not None:  # invented ids fill no memory
                self.known.forget(token_id)
            return None
        if not self._is_valid(token, kind, secret):
            return None
        self.known.remember(token)
        self._note_use(token, only_reads=only_reads)
        return token

    def _is_valid(self, token: Token, kind: TokenKind, secret: str) -> bool:
        is_its_secret = hmac.compare_digest(digest(secret), token.digest)
        return is_its_secret and token.kind == kind and token.holds(self.clock.now())

    def _note_use(self, token: Token, *, only_reads: bool) -> None:
        """Record that a token was used; nobody who only reads waits for that while the database is slow."""
        if only_reads and self.known.is_slow():
            return
        try:
            self.tokens.used(token, self.clock.now(), seconds=PATIENCE_SECONDS)
        except StoreUnavailable:
            self.known.note_slow()
            if not only_reads:
                raise

    def revoke(self, token_id: str) -> bool:
        """Revoke a token here and in the database; False if there is none, or it was revoked before.

        A failure leaves open whether it is revoked, so it is forgotten until it was looked up again.
        """
        try:
            revoked = self.tokens.revoke(token_id, self.clock.now())
        except StoreUnavailable:
            self.known.drop(token_id)
            raise
        self.known.forget(token_id)
        return revoked

    def redeem(self, link: str) -> tuple[Identity, str] | None:
        """Exchange a sign-in link for a session: its user and its secret.

        None if the link is used, expired or wrong.
        """
        token = self.check("link", link)
        if token is None or not self.revoke(token.token_id):
            return None
        role = cast(Role, token.role)
        session, secret_text = self.issue(
            "session", name=token.name, role=role, by=f"link:{token.token_id}", lasts=SESSION_TIME
        )
        return Identity(f"link:{session.name}", role), secret_text


def sign_in_link(
    credentials: Credentials, origins: Collection[str], *, by: str, name: str = "admin", role: Role = "Admin"
) -> str:
    """A new link that signs in one person once; its secret is in the fragment, which no log or proxy sees."""
    _, secret_text = credentials.issue("link", name=name, role=role, by=by, lasts=LINK_TIME)
    return f"{sorted(origins)[0]}/control/sign-in#code={secret_text}"


def digest(secret: str) -> bytes:
    """The stored digest of a secret; it has 256 random bits, so one round of SHA-256 cannot be reversed by guessing."""
    return hashlib.sha256(secret.encode()).digest()


def csrf_token(session: str) -> str:
    """The CSRF token of a session; derived from a cookie that no script can read."""
    return hmac.new(session.encode(), b"energytrack page", hashlib.sha256).hexdigest()
