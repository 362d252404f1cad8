"""`python -m control_api tokens …`, `link` and `audit …`: tokens for scripts, sign-in links, and the audit log."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.table import Table
from ulid import ULID

from control_api.audit import cli as audit_cli
from control_api.auth.credentials import Credentials, sign_in_link
from control_api.auth.identity import PERSON, RANKS
from control_api.settings import ControlApiSettings, named
from energytrack.clock import Clock, SystemClock
from energytrack.running.launcher import launch_command
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from energytrack.store.operations.audit import Audit
from energytrack.store.operations.tokens import Token

BY: Final = "command line"
TIME: Final = "%Y-%m-%d %H:%M"


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The parsed command line; no argument means `serve`."""
    parser = argparse.ArgumentParser(
        prog=launch_command("control_api"), description="The control API: orders to machines."
    )
    verbs = parser.add_subparsers(dest="verb")
    verbs.add_parser("serve", help="serve the control API (the default)")
    link = verbs.add_parser("link", help="create a link that signs in one person once")
    link.add_argument(
        "--name", default="admin", type=_person, help="who it is for; what they do is recorded as link:NAME"
    )
    link.add_argument("--role", default="Admin", choices=list(RANKS), help="what they may do (default Admin)")
    verbs.add_parser("public-key", help="show the public key with which gateways check the signatures of orders")
    audit_cli.add_arguments(verbs.add_parser("audit", help="the log of what people and scripts asked for"))
    tokens = verbs.add_parser("tokens", help="bearer tokens for scripts and gateways").add_subparsers(
        dest="tokens_verb", required=True
    )
    create = tokens.add_parser("create", help="create a token and show it once")
    create.add_argument("--name", required=True, help="its user; orders are recorded as given by token:NAME")
    create.add_argument("--role", required=True, choices=list(RANKS))
    create.add_argument("--days", type=float, default=90.0, help="days until it expires; 0 means never (default 90)")
    renew = tokens.add_parser("renew", help="create another token like this one; both are valid until one is revoked")
    renew.add_argument("token_id")
    renew.add_argument("--days", type=float, default=90.0, help="days until it expires; 0 means never (default 90)")
    tokens.add_parser("list", help="list all tokens, without their secrets")
    revoke = tokens.add_parser("revoke", help="revoke a token at once")
    revoke.add_argument("token_id")
    return parser.parse_args(arguments)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Run a command; returns the exit code."""
    if arguments.verb == "public-key":
        return _show_public_key(env)
    clock = SystemClock()
    store = open_store(MongoSettings.from_env(env))
    credentials = Credentials(store.tokens, clock, lambda: str(ULID.from_datetime(clock.now())))
    try:
        if arguments.verb == "audit":
            return audit_cli.run(arguments, store.audit)
        _record(store.audit, arguments, clock)
        if arguments.verb == "link":
            origins = named(ControlApiSettings.from_env(env).origins)
            link = sign_in_link(credentials, origins, by=BY, name=arguments.name, role=arguments.role)
            sys.stdout.write(f"{link}\n")
            return 0
        return TOKEN_VERBS[arguments.tokens_verb](credentials, arguments, clock)
    finally:
        store.close()


def _person(text: str) -> str:
    if not PERSON.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a name of letters, digits, spaces and ._-")
    return text


def _show_public_key(env: Mapping[str, str]) -> int:
    signer = ControlApiSettings.from_env(env).signer()
    if signer is None:
        variable = ControlApiSettings.variable("command_signing_key")
        sys.stderr.write(f"orders are not signed: neither {variable} nor {variable}_FILE is set\n")
        return 1
    sys.stdout.write(signer.public_key + "\n")
    return 0


def _create(credentials: Credentials, arguments: argparse.Namespace, _clock: Clock) -> int:
    lasts = timedelta(days=arguments.days) if arguments.days > 0 else None
    token, secret_text = credentials.issue("token", name=arguments.name, role=arguments.role, by=BY, lasts=lasts)
    until = "until it is revoked" if token.expires_at is None else f"until {token.expires_at:{TIME}} UTC"
    sys.stderr.write(f"token:{token.name} ({token.role}) is valid {until}; it is shown only now:\n")
    sys.stdout.write(f"{secret_text}\n")
    return 0


def _renew(credentials: Credentials, arguments: argparse.Namespace, clock: Clock) -> int:
    old = credentials.tokens.get(arguments.token_id)
    if old is None or old.kind != "token" or not old.holds(clock.now()):
        sys.stderr.write(f"there is no valid token {arguments.token_id}\n")
        return 1
    arguments.name, arguments.role = old.name, old.role
    _create(credentials, arguments, clock)
    until = "" if old.expires_at is None else f" until {old.expires_at:{TIME}} UTC"
    revoke = launch_command(f"control_api tokens revoke {old.token_id}")
    sys.stderr.write(f"The old one stays valid{until}. Give the script the new one, then end the old one: {revoke}\n")
    return 0


def _record(audit: Audit, arguments: argparse.Namespace, clock: Clock) -> None:
    """Write down what the command line does to tokens, before it is done."""
    if arguments.verb == "link":
        deed, details = "link", ""
    elif arguments.tokens_verb == "list":
        return
    else:
        deed = f"tokens {arguments.tokens_verb}"
        kept = ("token_id", "name", "role", "days")
        details = ", ".join(f"{name}={getattr(arguments, name)}" for name in kept if hasattr(arguments, name))
    audit.append("tokens", at=clock.now(), subject=BY, role="Admin", address="", deed=deed, details=details)


def _revoke(credentials: Credentials, arguments: argparse.Namespace, _clock: Clock) -> int:
    if credentials.revoke(arguments.token_id):
        sys.stdout.write(f"token {arguments.token_id} is revoked\n")
        return 0
    sys.stderr.write(f"there is no valid token {arguments.token_id}\n")
    return 1


def _list(credentials: Credentials, _arguments: argparse.Namespace, clock: Clock) -> int:
    table = Table("id", "name", "role", "valid", "created", "expires", "last used")
    for token in credentials.tokens.all("token"):
        table.add_row(
            token.token_id,
            token.name,
            token.role,
            "yes" if token.holds(clock.now()) else "no",
            f"{token.created_at:{TIME}}",
            _expiry(token),
            "never" if token.last_used_at is None else f"{token.last_used_at:{TIME}}",
        )
    Console().print(table)
    return 0


def _expiry(token: Token) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "never" if token.expires_at is None else f"{token.expires_at:{TIME}}"


TOKEN_VERBS: Final[Mapping[str, Callable[[Credentials, argparse.Namespace, Clock], int]]] = {
    "create": _create,
    "renew": _renew,
    "revoke": _revoke,
    "list": _list,
}
