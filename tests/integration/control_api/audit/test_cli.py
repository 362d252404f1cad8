"""The commands of the audit log, and what the command line does to tokens."""

import pytest
from pymongo import MongoClient

from control_api import cli
from control_api.audit.cli import run
from control_api.auth.credentials import Credentials
from energytrack.clock import SystemClock
from energytrack.store import Store
from tests.integration.control_api.audit.test_requests import append


def audit(store: Store, *arguments: str) -> int:
    """The exit code of `python -m control_api audit …`."""
    return run(cli.parse_arguments(["audit", *arguments]), store.audit)


def test_verify_says_where_the_chain_is_broken(
    store: Store, mongo_uri: str, mongo_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in ("one", "two", "three"):
        append(store, "locks", text)
    assert audit(store, "verify") == 0
    said = capsys.readouterr().out
    assert said.endswith("0 faults in 1 stream\n")
    head = said.splitlines()[0]
    client: MongoClient[dict[str, object]] = MongoClient(mongo_uri)
    with client:
        client[mongo_database]["audit"].update_one({"number": 2}, {"$set": {"details": "another"}})
    assert audit(store, "verify") == 1
    assert "locks: entry 2 (" in capsys.readouterr().out
    again: MongoClient[dict[str, object]] = MongoClient(mongo_uri)
    with again:
        again[mongo_database]["audit"].delete_many({"number": {"$gte": 2}})
    assert audit(store, "verify") == 0  # a shorter chain is a chain
    assert audit(store, "verify", "--head", head) == 1
    assert "locks ends before entry 3, which was noted" in capsys.readouterr().out


def test_an_export_is_verified_without_the_database(
    store: Store, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    append(store, "locks", "one")
    append(store, "orders", '{"reason": "smoke, \\u00fc"}')
    assert audit(store, "export") == 0
    file = tmp_path_factory.mktemp("export") / "audit.jsonl"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert audit(store, "verify", "--file", str(file)) == 0
    file.write_text(file.read_text(encoding="utf-8").replace("smoke", "fire"), encoding="utf-8")
    assert audit(store, "verify", "--file", str(file)) == 1


def test_a_token_is_replaced_without_downtime_and_every_step_is_recorded(
    store: Store, mongo_uri: str, mongo_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Create the new one, both are valid, end the old one."""
    env = {"ENERGYTRACK_MONGO_URI": mongo_uri, "ENERGYTRACK_MONGO_DATABASE": mongo_database}

    def say(*arguments: str) -> str:
        assert cli.run(cli.parse_arguments(arguments), env) == 0
        return capsys.readouterr().out.strip()

    credentials = Credentials(store.tokens, SystemClock(), lambda: "unused")
    old = say("tokens", "create", "--name", "line-a", "--role", "Editor")
    (token,) = store.tokens.all("token")
    new = say("tokens", "renew", token.token_id)
    valid = [credentials.check("token", secret) for secret in (old, new)]
    assert [each and (each.name, each.role) for each in valid] == [("line-a", "Editor")] * 2
    say("tokens", "revoke", token.token_id)
    assert credentials.check("token", old) is None
    assert credentials.check("token", new) is not None
    assert [entry.deed for entry in store.audit.entries()] == ["tokens create", "tokens renew", "tokens revoke"]
