"""The database's one user, written before its server listens."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from secantus.auth import StoredCredentials, derive_credentials  # type: ignore[import-untyped]
from secantus.rbac import check_privilege  # type: ignore[import-untyped]
from secantus.storage import Storage  # type: ignore[import-untyped]

from local.services import database
from local.services.database import run, write_user
from local.services.passwords import USER, USERS


def stored(folder: Path) -> dict[str, Any]:
    with closing(Storage(str(folder), enable_oplog=False)) as storage:
        user = storage.get_user(USERS, USER)
    assert user is not None
    return dict(user)


def is_password(user: dict[str, Any], password: str) -> bool:
    kept = StoredCredentials.from_doc(user["credentials"])
    return bool(kept.stored_key == derive_credentials(password, salt=kept.salt).stored_key)


def test_a_new_password_replaces_the_old_one(tmp_path: Path) -> None:
    write_user(tmp_path / "mongo", "first")
    assert is_password(stored(tmp_path / "mongo"), "first")
    write_user(tmp_path / "mongo", "second")
    user = stored(tmp_path / "mongo")
    assert is_password(user, "second")
    assert not is_password(user, "first")


def test_the_user_may_use_any_database_and_give_no_rights(tmp_path: Path) -> None:
    write_user(tmp_path / "mongo", "a password")
    roles = stored(tmp_path / "mongo")["roles"]
    for action in ("find", "insert", "update", "remove", "createCollection", "createIndex", "collMod", "dropCollection",
                   "listCollections", "listIndexes"):  # fmt: skip
        assert check_privilege(roles, action, target_db="energytrack"), action
        assert check_privilege(roles, action, target_db="another"), action
    for action in ("createUser", "grantRole", "changeOwnPassword"):
        assert not check_privilege(roles, action, target_db="energytrack"), action


def test_the_server_gets_all_other_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[list[str]] = []

    def server(arguments: list[str]) -> int:
        begun.append(arguments)
        return 0

    monkeypatch.setattr(database, "main", server)
    assert run(["--host=127.0.0.1", "--port=1", f"--storage-path={tmp_path / 'mongo'}", "--standalone"]) == 0
    assert begun == [[f"--storage-path={tmp_path / 'mongo'}", "--host=127.0.0.1", "--port=1", "--standalone"]]
    assert not (tmp_path / "mongo").exists()
    (tmp_path / "password").write_text("a password\n")
    run([f"--storage-path={tmp_path / 'mongo'}", "--auth", f"--password-file={tmp_path / 'password'}"])
    assert begun[1:] == [[f"--storage-path={tmp_path / 'mongo'}", "--auth"]]
    assert is_password(stored(tmp_path / "mongo"), "a password")
