"""`python -m control_api tokens …` and `link`: secrets for scripts, and a way in for a person."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.table import Table
from ulid import ULID

from control_api.auth.credentials import LINK_TIME, Credentials
from control_api.auth.identity import RANKS
from control_api.settings import ControlApiSettings, named
from energytrack.clock import Clock, SystemClock
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store

BY: Final = "command line"


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """What the command line asks for; no argument asks to serve."""
    parser = argparse.ArgumentParser(prog="python -m control_api", description="Takes orders to machines.")
    verbs = parser.add_subparsers(dest="verb")
    verbs.add_parser("serve", help="serve the control API (the default)")
    verbs.add_parser("link", help="make a link that signs an administrator in once")
    tokens = verbs.add_parser("tokens", help="bearer tokens for scripts and gateways").add_subparsers(
        dest="tokens_verb", required=True
    )
    create = tokens.add_parser("create", help="make a token and show it, once")
    create.add_argument("--name", required=True, help="who or what holds it; orders keep it as token:NAME")
    create.add_argument("--role", required=True, choices=list(RANKS))
    create.add_argument(
        "--days", type=float, default=90.0, help="how long it holds; 0 until it is revoked (default 90)"
    )
    tokens.add_parser("list", help="show all tokens, never their secrets")
    revoke = tokens.add_parser("revoke", help="end a token at once")
    revoke.add_argument("token_id")
    return parser.parse_args(arguments)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Carry out a command; returns the exit code."""
    clock = SystemClock()
    store = open_store(MongoSettings.from_env(env))
    credentials = Credentials(store.tokens, clock, lambda: str(ULID.from_datetime(clock.now())))
    try:
        if asked.verb == "link":
            sys.stdout.write(sign_in_link(credentials, ControlApiSettings.from_env(env)) + "\n")
            return 0
        if asked.tokens_verb == "create":
            return _create(credentials, asked)
        if asked.tokens_verb == "list":
            return _list(credentials, clock)
        if store.tokens.revoke(asked.token_id, clock.now()):
            sys.stdout.write(f"{asked.token_id} lets nobody in any more\n")
            return 0
        sys.stderr.write(f"there is no token {asked.token_id} that still held\n")
        return 1
    finally:
        store.close()


def sign_in_link(credentials: Credentials, settings: ControlApiSettings) -> str:
    """A new link that signs an administrator in once; its secret is in the fragment, which no log and no proxy sees."""
    _, written = credentials.issue("link", name="admin", role="Admin", by=BY, lasts=LINK_TIME)
    return f"{sorted(named(settings.origins))[0]}/control/sign-in#code={written}"


def _create(credentials: Credentials, asked: argparse.Namespace) -> int:
    lasts = timedelta(days=asked.days) if asked.days > 0 else None
    token, written = credentials.issue("token", name=asked.name, role=asked.role, by=BY, lasts=lasts)
    until = "until it is revoked" if token.expires_at is None else f"until {token.expires_at:%Y-%m-%d %H:%M} UTC"
    sys.stderr.write(f"token:{token.name} ({token.role}) holds {until}; it is shown this once:\n")
    sys.stdout.write(f"{written}\n")
    return 0


def _list(credentials: Credentials, clock: Clock) -> int:
    table = Table("id", "name", "role", "holds", "made", "until", "last used")
    for token in credentials.tokens.all("token"):
        table.add_row(
            token.token_id,
            token.name,
            token.role,
            "yes" if token.holds(clock.now()) else "no",
            f"{token.created_at:%Y-%m-%d %H:%M}",
            "revoked"
            if token.revoked_at is not None
            else "it is revoked"
            if token.expires_at is None
            else f"{token.expires_at:%Y-%m-%d %H:%M}",
            "never" if token.last_used_at is None else f"{token.last_used_at:%Y-%m-%d %H:%M}",
        )
    Console().print(table)
    return 0
