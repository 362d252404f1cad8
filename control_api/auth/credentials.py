"""The secrets that Energy Track issues: tokens, sign-in links and sessions."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

from control_api.auth.identity import Identity, Role
from energytrack.clock import Clock
from energytrack.store.operations.tokens import Token, TokenKind, Tokens

PREFIX: Final = "et"
SECRET_BYTES: Final = 32
SESSION_TIME: Final = timedelta(hours=12)
LINK_TIME: Final = timedelta(hours=12)


@dataclass(frozen=True)
class Credentials:
    """Issues and checks secrets; only their digests are stored."""

    tokens: Tokens
    clock: Clock
    new_id: Callable[[], str]

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

    def check(self, kind: TokenKind, secret_text: str) -> Token | None:
        """The token of a valid secret; None for an invalid one, whatever the reason."""
        prefix, _, rest = secret_text.partition("_")
        token_id, _, secret = rest.partition("_")
        if prefix != PREFIX or not 1 <= len(token_id) <= 64 or not secret:
            return None
        token = self.tokens.get(token_id)
        stored = b"" if token is None else token.digest
        if not hmac.compare_digest(digest(secret), stored):
            return None
        if token is None or token.kind != kind or not token.holds(self.clock.now()):
            return None
        self.tokens.used(token, self.clock.now())
        return token

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
