"""The drill: a plant works, is backed up, and comes back on a computer that has nothing."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from energytrack.clock import SystemClock
from energytrack.settings import MongoSettings
from energytrack.store.learning.models import ModelEntry
from energytrack.store.open import open_store
from local.lifecycle.supervisord import connected
from local.services.mongo import mongo_uri
from testkit.stack.balance import balances
from testkit.stack.facts import Facts, counters, created_token, database, facts, plant_meters, said_by, same_fields
from testkit.stack.local_stack import LocalStack, a_stack, pretend_to_have_a_model
from testkit.stack.servers import eventually, mongo_running
from testkit.stack.shift import a_shift

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
DEVICES: Final = 8
SETTINGS: Final = {"ENERGYTRACK_HISTORIAN_LEDGER_EVERY_SECONDS": "2", "ENERGYTRACK_MONGO_READINGS_DAYS": "9"}
WRITING: Final = ("historian", "control_api", "retrain")
"""Services that write by themselves."""
PASSING: Final = frozenset({"pulse", "model_lease", "schema"})
Documents = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Lost:
    """A plant that is gone, and what was kept of it."""

    working: Path
    """A backup that was made while it worked; `quiet` likewise, after its machines had stopped."""
    quiet: Path
    key: Path
    token: str
    then: Facts
    """What it told just before the first one."""
    documents: Documents
    """Its database when the second one was made."""
    counted: Mapping[str, float]
    """Its counters in Prometheus at `asked_at`."""
    asked_at: float


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Lost:
    folder = tmp_path_factory.mktemp("plant")
    key, kept = folder / "key", folder / "backups"
    with a_stack(folder / "var", SETTINGS) as stack:
        pretend_to_have_a_model(stack.site.var)
        _run(stack, "up", "--devices", str(DEVICES))
        public = _run(stack, "backup", "--new-key", str(key)).strip()
        token = created_token(stack)
        a_shift(stack.site, token, devices=DEVICES, reason="drill")
        with closing(open_store(MongoSettings(uri=mongo_uri(stack.site)))) as store:
            store.models.put(ModelEntry("v1", SystemClock().now(), "{}", "00"), b"a model" * 100_000)
        eventually(lambda: _size(stack.site.var / "alertmanager" / "silences"), deadline=60, pause=0.5)
        then = facts(stack.site, token)
        asked_at = SystemClock().now().timestamp()
        counted = counters(stack.site, at=asked_at)
        made = ("backup", "--recipient", public, "--to", str(kept), "--prometheus")
        _run(stack, *made)
        with connected(stack.site) as supervisor:
            assert supervisor is not None
            supervisor.stop("simulator")
            eventually(lambda: all(each.is_even for each in balances(stack.site).values()), deadline=60, pause=1)
            for service in WRITING:
                supervisor.stop(service)
            # The historian stores its meters as it ends.
            eventually(lambda: not any(supervisor.process(service).pid for service in WRITING), deadline=60)
        documents = _documents(stack)
        _run(stack, *made)
        _run(stack, "down")
    working, quiet = sorted(kept.iterdir())
    return Lost(working, quiet, key, token, then, documents, counted, asked_at)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[LocalStack]:
    """A computer with nothing on it."""
    with a_stack(tmp_path / "var", SETTINGS) as stack:
        yield stack


def test_a_plant_at_rest_comes_back_to_the_bit(lost: Lost, elsewhere: LocalStack) -> None:
    """Every document of every collection, every file; checked first, refused over a plant, not readable without key."""
    said = _run(elsewhere, "backup", "--check", str(lost.quiet), "--key", str(lost.key))
    assert said.startswith("Whole:")
    assert elsewhere.say("restore", str(lost.quiet)).returncode == 1
    _run(elsewhere, "restore", str(lost.quiet), "--key", str(lost.key))
    var = elsewhere.site.var
    assert (var / "secrets" / "ml_signing_key").stat().st_mode & 0o777 == 0o600
    assert (var / "models" / "failure_model.pkl").read_text() == "none"
    assert (var / "restored" / "plant.toml").read_bytes() == elsewhere.site.plant_file.read_bytes()
    assert "ENERGYTRACK_MONGO_READINGS_DAYS=9" in (var / "restored" / "settings.env").read_text()
    with mongo_running(elsewhere.site):
        assert _documents(elsewhere) == lost.documents

    refused = elsewhere.say("restore", str(lost.quiet), "--key", str(lost.key))
    assert refused.returncode == 1
    assert "already holds a plant (mongo, models, " in refused.stdout
    _run(elsewhere, "restore", str(lost.quiet), "--key", str(lost.key), "--replace")
    (aside,) = var.glob("before-restore-*")
    assert (aside / "mongo").is_dir()


def test_a_restore_that_was_killed_is_done_again(lost: Lost, elsewhere: LocalStack) -> None:
    """Until then the stack refuses to start, and says why."""
    begun = elsewhere.begin("restore", str(lost.quiet), "--key", str(lost.key))
    eventually((elsewhere.site.var / "restoring").exists, deadline=60)
    begun.kill()
    begun.wait()
    refused = elsewhere.say("up")
    assert refused.returncode == 1
    assert "holds only part of the backup" in refused.stdout
    eventually(lambda: elsewhere.say("restore", str(lost.quiet), "--key", str(lost.key)).returncode == 0, deadline=60)
    with mongo_running(elsewhere.site):
        assert _documents(elsewhere) == lost.documents


def test_a_plant_that_worked_goes_on(lost: Lost, elsewhere: LocalStack) -> None:
    """From a backup made in the middle of it: what people left is there, and every kilowatt hour is counted once."""
    _run(elsewhere, "restore", str(lost.working), "--key", str(lost.key))
    _run(elsewhere, "up", "--devices", str(DEVICES))
    site = elsewhere.site
    now = facts(site, lost.token)
    moving = {"state", "updated_at", "cleared_at", "notifications", "version"}
    for kind, listed in lost.then.api.items():
        assert listed, f"there were no {kind}"
        for key, each in listed.items():
            still = {field: value for field, value in each.items() if kind != "alarms" or field not in moving}
            assert still == same_fields(still, now.api[kind][key]), kind
    for alarm, log in lost.then.logs.items():
        assert [each for each in now.logs[alarm] if each in log] == log
    for name, stored in lost.then.stored.items():
        assert stored.keys() <= now.stored[name].keys(), name
    assert now.model == lost.then.model
    assert lost.then.silences.keys() <= now.silences.keys()
    assert counters(site, at=lost.asked_at) == lost.counted
    audit = said_by(elsewhere, "control_api", "audit", "verify")
    assert "0 faults" in audit

    newest = max(lost.documents["readings"].values(), key=lambda each: each["timestamp"])["timestamp"]
    eventually(lambda: _has_readings_after(elsewhere, newest), deadline=60, pause=1)
    with connected(site) as supervisor:
        assert supervisor is not None
        supervisor.stop("simulator")

    def is_even() -> bool:
        found = balances(site)
        assert len(found) == _senders(elsewhere)
        assert all(each.is_even for each in found.values()), found
        return True

    eventually(is_even, deadline=120, pause=1)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _has_readings_after(stack: LocalStack, moment: Any) -> bool:
    with database(stack.site) as client:
        found = client["energytrack"]["readings"].distinct(
            "device.id", {"timestamp": {"$gt": moment.replace(tzinfo=None)}}
        )
    return len(found) == _senders(stack)


def _senders(stack: LocalStack) -> int:
    """The machines, and the meters of the plant file that are none."""
    return DEVICES + len(plant_meters(stack.site))


def _documents(stack: LocalStack) -> Documents:
    with database(stack.site) as client:
        names = [name for name in client["energytrack"].list_collection_names() if name not in PASSING]
        return {name: {str(each["_id"]): each for each in client["energytrack"][name].find()} for name in names}


def _run(stack: LocalStack, *arguments: str) -> str:
    said = stack.say(*arguments)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout
