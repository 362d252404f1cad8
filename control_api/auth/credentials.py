"""The secrets that Energy Track issues: tokens, sign-in links and sessions."""

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, cast

from control_api.auth.identity import Identity, Role
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
KNOWN_SECONDS: Final = 900.0
MOST_KNOWN: Final = 2_000


@dataclass(frozen=True)
class Credentials:
    """Issues and checks secrets; only their digests are stored."""

    tokens: Tokens
    clock: Clock
    new_id: Callable[[], str]
    _known: OrderedDict[str, tuple[Token, float]] = field(default_factory=OrderedDict, repr=False)
    """Tokens that were valid, by id, and when; the longest ago first."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

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
        remembered = self._remembered(token_id) if only_reads else None
        try:
            token = self.tokens.get(token_id, seconds=ANSWER_SECONDS if remembered is None else PATIENCE_SECONDS)
        except StoreUnavailable:
            if remembered is None:
                raise
            return remembered if self._is_valid(remembered, kind, secret) else None
        if token is None or not token.holds(self.clock.now()):
            self._forget(token_id)
            return None
        if not self._is_valid(token, kind, secret):
            return None
        self._remember(token)
        try:
            self.tokens.used(token, self.clock.now(), seconds=PATIENCE_SECONDS)
        except StoreUnavailable:
            if not only_reads:
                raise
        return token

    def _is_valid(self, token: Token, kind: TokenKind, secret: str) -> bool:
        is_its_secret = hmac.compare_digest(digest(secret), token.digest)
        return is_its_secret and token.kind == kind and token.holds(self.clock.now())

    def _remembered(self, token_id: str) -> Token | None:
        with self._lock:
            token, at = self._known.get(token_id, (None, 0.0))
        return token if self.clock.monotonic() - at <= KNOWN_SECONDS else None

    def _remember(self, token: Token) -> None:
        with self._lock:
            self._known.pop(token.token_id, None)
            self._known[token.token_id] = (token, self.clock.monotonic())
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)

    def _forget(self, token_id: str) -> None:
        """A token that was revoked is not accepted later, when nobody can look it up."""
        with self._lock:
            self._known.pop(token_id, None)

    def redeem(self, link: str) -> tuple[Identity, str] | None:
        """Exchange a sign-in link for a session: its user and its secret.

        None if the link is used, expired or wrong.
        """
        token = self.check("link", link)
        if token is None or not self.tokens.revoke(token.token_id, self.clock.now()):
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
