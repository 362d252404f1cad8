"""What the database's image runs at its first start, `deploy/compose/mongo-user.js`, on a real database.

node runs the script in mongosh's place, SecantusDB takes its commands in MongoDB's.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from pymongo import MongoClient, WriteConcern
from pymongo.database import Database
from pymongo.errors import OperationFailure

from deploy.compose.make_secrets import make
from energytrack.machines.state import MachineState
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from local.site import Site
from testkit.builders.messages import NOW, a_reading, an_insight
from testkit.rules.mongo import violations
from testkit.stack.servers import mongo_running, site_in
from testkit.stand_ins.mongosh import SCRIPT, SentCommand, sent_by

pytestmark = pytest.mark.slow
DATABASE: Final = "energytrack"
UNAUTHORIZED: Final = 13
A_USER: Final[dict[str, Any]] = {"createUser": "friend", "pwd": "x", "roles": ["readWrite"]}


@dataclass(frozen=True)
class FirstStart:
    """A database after its first start, which now asks for passwords."""

    site: Site
    secrets: Path

    def uri(self, user: str) -> str:
        """The address with which a user signs in."""
        file = {"energytrack": "password", "reader": "reader_password"}[user]
        password = (self.secrets / "mongo" / file).read_text(encoding="utf-8")
        return f"mongodb://{user}:{password}@{self.site.address(self.site.ports.mongo)}/?authSource={DATABASE}"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the service `secrets` makes them."""
    folder = tmp_path_factory.mktemp("secrets")
    make(folder, {}, NOW)
    return folder


@pytest.fixture(scope="module")
def sent(secrets: Path) -> list[SentCommand]:
    return sent_by(SCRIPT, secrets)


@pytest.fixture(scope="module")
def first_start(
    tmp_path_factory: pytest.TempPathFactory, secrets: Path, sent: list[SentCommand]
) -> Iterator[FirstStart]:
    """The script has run while nobody was asked for a password, as in the image; then the server began anew."""
    site = site_in(tmp_path_factory.mktemp("mongo"))
    with mongo_running(site), closing(client_of(f"mongodb://{site.address(site.ports.mongo)}")) as root:
        for each in sent:
            root[each.database].command(each.command)
        synced = root["another"].get_collection("anything", write_concern=WriteConcern(w=1, j=True))
        synced.insert_one({"_id": "everything before this is on disk"})
    with mongo_running(replace(site, passwords=True)):
        start = FirstStart(site, secrets)
        store = open_store(MongoSettings.from_env({"ENERGYTRACK_MONGO_URI": start.uri("energytrack")}))
        with closing(store):
            store.prepare()
            store.devices.put(
                [
                    MachineState(
                        "cnc-0007", device_type="cnc", line="line-a", reading=a_reading(), insight=an_insight()
                    ),
                    MachineState("press-0001", reading=a_reading("press-0001")),
                ],
                NOW,
            )
            store.readings.put([a_reading()])
        yield start


@pytest.fixture
def reader(first_start: FirstStart) -> Iterator[Database[dict[str, Any]]]:
    with closing(client_of(first_start.uri("reader"))) as client:
        yield client[DATABASE]


def client_of(uri: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri, tz_aware=True)


def test_the_script_sends_what_mongodb_documents(sent: list[SentCommand]) -> None:
    assert [next(iter(each.command)) for each in sent] == ["createUser", "createUser", "create"]
    assert [sentence for each in sent for sentence in violations(each.command)] == []


def test_the_view_has_one_small_document_a_machine(reader: Database[dict[str, Any]]) -> None:
    reading = {"state": a_reading().state, "at": NOW, "temperature": a_reading().temperature}
    assert list(reader.machines_now.find().max_time_ms(2000)) == [
        {"_id": "cnc-0007", "device_type": "cnc", "line": "line-a", "risk": an_insight().failure_probability} | reading,
        {"_id": "press-0001"} | reading,
    ]


def test_the_pages_examples_have_an_answer(reader: Database[dict[str, Any]]) -> None:
    """Those of docs/security.md, with the fields that it names."""
    page = Path("docs/security.md").read_text(encoding="utf-8")
    assert re.findall(r"db\.(\w+)\.find\(\{ \"?([\w.]+)\"?:", page) == [
        ("machines_now", "line"),
        ("readings", "device.id"),
    ]
    assert len(list(reader.machines_now.find({"line": "line-a"}).max_time_ms(2000))) == 1
    since = {"device.id": "cnc-0007", "timestamp": {"$gte": NOW}}
    assert len(list(reader.readings.find(since).max_time_ms(2000))) == 1


def test_a_reader_changes_nothing_and_reads_nothing_else(reader: Database[dict[str, Any]]) -> None:
    others = reader.client["another"]
    for forbidden in (
        lambda: reader.devices.insert_one({"_id": "x"}),
        lambda: reader.devices.update_one({}, {"$set": {"line": "x"}}),
        lambda: reader.devices.delete_many({}),
        reader.devices.drop,
        lambda: reader.devices.create_index("line"),
        lambda: reader.command("create", "more"),
        lambda: reader.command(A_USER),
        lambda: list(others.anything.find()),
    ):
        with pytest.raises(OperationFailure) as refused:
            forbidden()
        assert refused.value.code == UNAUTHORIZED


def test_the_services_use_their_own_database_and_no_other(first_start: FirstStart) -> None:
    with closing(client_of(first_start.uri("energytrack"))) as ours:
        for forbidden in (
            lambda: ours["another"].anything.insert_one({}),
            lambda: list(ours["another"].anything.find()),
            lambda: ours[DATABASE].command(A_USER),
        ):
            with pytest.raises(OperationFailure) as refused:
                forbidden()
            assert refused.value.code == UNAUTHORIZED
