"""What release 0.1.0 wrote, this one reads: the same folders, first with the one, then with the other."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from kafka import KafkaConsumer, TopicPartition

from energytrack.clock import SystemClock
from energytrack.security.rights import ADMIN
from energytrack.topics import EVENTS, INSIGHTS, READINGS
from local.services.access import password_file
from local.services.pipeline import shared_env
from local.site import ROOT, Site
from testkit.stack.facts import Facts, api, counters, database, facts, registers, same_fields
from testkit.stack.local_stack import LocalStack, a_stack
from testkit.stack.servers import eventually
from testkit.stack.shift import JUDGED, a_shift, if_all
from tests.upgrade import release

WANTED: Final = "ENERGYTRACK_UPGRADE"
DEVICES: Final = 8
SECONDS_TOGETHER: Final = 60
PLACES: Final = 6
"""Decimal places to which energies in kWh agree."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@dataclass(frozen=True)
class Upgrade:
    """A plant that 0.1.0 ran, and that this release has taken over."""

    stack: LocalStack
    last: Path
    """The files of 0.1.0."""
    token: str
    before: Facts
    stopped_at: float
    """Seconds since the epoch: the last moment at which 0.1.0 was asked."""
    counted: dict[str, float]
    """kWh of each machine at that time, in Prometheus of 0.1.0."""
    registers: dict[str, list[float]]
    """What was filed until then."""
    ended_at: float
    """When nothing of 0.1.0 ran any more."""

    @property
    def site(self) -> Site:
        return self.stack.site

    def after(self) -> Facts:
        return facts(self.site, self.token)


@pytest.fixture(scope="module")
def upgrade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgrade]:
    if WANTED not in os.environ:
        pytest.skip("upgrades are tried by `make test-upgrade`: it takes the history of git and some minutes")
    reason = release.why_missing()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("upgrade")
    last = release.unpack(folder / "release")
    # At a real plant's pace the model of 0.1.0 fits this release; a demonstration's is trained again.
    with a_stack(folder / "var", {"ENERGYTRACK_SIMULATOR_PROFILE": "plant"}) as stack:
        old = replace(stack, root=last)
        release.train_first_model(last, stack.env)
        _run(old, "up", "--devices", str(DEVICES))
        try:
            token = release.create_token(last, stack.env, f"mongodb://{stack.site.address(stack.site.ports.mongo)}")
            a_shift(stack.site, token, devices=DEVICES)
            stopped_at = time.time()
            before, counted, filed = (
                facts(stack.site, token),
                counters(stack.site, at=stopped_at),
                registers(stack.site),
            )
        finally:
            old.say("down")
        stack.assert_nothing_is_left()
        ended_at = time.time()
        _run(stack, "up", "--devices", str(DEVICES))
        yield Upgrade(stack, last, token, before, stopped_at, counted, filed, ended_at)


def test_people_and_scripts_find_what_they_left(upgrade: Upgrade) -> None:
    """By the token of 0.1.0: orders, schedules and locks, field for field."""
    after = upgrade.after()
    for kind in ("orders", "schedules", "locks"):
        kept = upgrade.before.api[kind]
        assert kept, f"0.1.0 had no {kind}"
        assert kept == {key: same_fields(each, after.api[kind][key]) for key, each in kept.items()}


def test_alarms_are_as_people_left_them(upgrade: Upgrade) -> None:
    """Only what rules say may have changed meanwhile: that it has cleared, or fires again."""
    after = upgrade.after()
    (alarm,) = (each for each in upgrade.before.api["alarms"].values() if each["device_id"] == JUDGED)
    moving = {"state", "updated_at", "cleared_at", "notifications"}
    kept = {field: value for field, value in alarm.items() if field not in moving}
    assert kept["verdict"] == "true_alarm"
    assert kept == same_fields(kept, after.api["alarms"][alarm["alarm_id"]])
    assert upgrade.before.api["alarms"].keys() <= after.api["alarms"].keys()
    for alarm_id, entries in upgrade.before.logs.items():
        assert entries
        last = after.logs[alarm_id][-len(entries) :]
        assert list(entries) == [same_fields(*pair) for pair in zip(entries, last, strict=True)]


def test_history_is_complete(upgrade: Upgrade) -> None:
    """Every document that never changes is there as it was, and the API shows readings of 0.1.0."""
    after = upgrade.after()
    for name, documents in upgrade.before.stored.items():
        assert documents, f"0.1.0 filed no {name}"
        assert documents == {key: after.stored[name].get(key) for key in documents}
    device_id, filed = next(iter(upgrade.registers.items()))
    with api(upgrade.site, upgrade.token) as client:
        rows = client.get("/api/readings", params={"device_id": device_id}).json()["rows"]
    assert [each["energy_kwh"] for each in rows[: len(filed)]] == filed


def test_the_model_stays(upgrade: Upgrade) -> None:
    """It is not trained again, and it is the one that scores."""
    assert upgrade.before.model
    assert upgrade.after().model == upgrade.before.model
    version = re.search(rb'"version": "([^"]+)"', upgrade.before.model["failure_model.json"])
    assert version is not None
    with database(upgrade.site) as client:
        insights = client["energytrack"]["insights"]
        newest: Any = eventually(
            lambda: insights.find_one(
                {"timestamp": {"$gt": datetime.fromtimestamp(upgrade.stopped_at, UTC)}}, sort=[("timestamp", -1)]
            ),
            deadline=60,
        )
    assert newest["model_version"] == version[1].decode()


def test_silences_stay(upgrade: Upgrade) -> None:
    assert upgrade.before.silences
    for key, silence in upgrade.before.silences.items():
        assert upgrade.after().silences[key]["matchers"] == silence["matchers"]
        assert upgrade.after().silences[key]["status"] == {"state": "active"}


def test_counters_go_on(upgrade: Upgrade) -> None:
    """Prometheus keeps the past to the joule; from there the counters only grow, and only as the registers do."""
    assert len(upgrade.counted) == DEVICES
    assert counters(upgrade.site, at=upgrade.stopped_at) == upgrade.counted
    now = eventually(lambda: if_all(counters(upgrade.site), DEVICES), deadline=60, pause=1)
    newest = eventually(lambda: _beyond(now, registers(upgrade.site)), deadline=60, pause=1)
    for device_id, kwh in now.items():
        assert upgrade.counted[device_id] <= kwh <= round(newest[device_id], PLACES) + 10**-PLACES, device_id


def test_the_ledger_begins_where_the_last_release_ended(upgrade: Upgrade) -> None:
    """It counts from 0.1.0's last registers on: nothing before, nothing twice, nothing that waits for a decision."""

    def counted() -> dict[str, float]:
        found = dict.fromkeys(upgrade.registers, 0.0)
        with api(upgrade.site, upgrade.token) as client:
            for row in client.get("/api/energy", params={"by": "machine"}).json()["rows"]:
                found[row["name"]] += row["kwh"] or 0.0
                assert row["suspect_kwh"] in {None, 0.0}
            assert client.get("/api/energy/suspects").json() == {"suspects": []}
        assert sum(found.values()) > 0
        return found

    total = eventually(counted, deadline=90, pause=1)
    newest = registers(upgrade.site)
    for device_id, kwh in total.items():
        used = newest[device_id][-1] - upgrade.registers[device_id][-1]
        assert kwh <= used + 10**-PLACES, device_id


def test_kafka_gives_what_was_written_without_users(upgrade: Upgrade) -> None:
    """The administrator reads every topic from its beginning, and finds as many readings as the database has."""
    password = password_file(upgrade.site, ADMIN).read_text(encoding="utf-8")
    consumer = KafkaConsumer(
        bootstrap_servers=upgrade.site.address(upgrade.site.ports.kafka), security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN", sasl_plain_username=ADMIN, sasl_plain_password=password, enable_auto_commit=False,
    )  # fmt: skip
    with closing(consumer):
        written = {topic: _written_before(consumer, topic, upgrade.ended_at) for topic in (READINGS, INSIGHTS, EVENTS)}
    assert written[READINGS] >= len(upgrade.before.stored["readings"]) > 0
    assert written[INSIGHTS] >= len(upgrade.before.stored["insights"]) > 0
    assert written[EVENTS] >= len(upgrade.before.stored["events"]) > 0


def test_everything_is_ready_and_nothing_was_set_aside(upgrade: Upgrade) -> None:
    said = upgrade.stack.say("status")
    assert said.returncode == 0, said.stdout
    with database(upgrade.site) as client:
        assert client["energytrack"]["schema"].find_one() == {"_id": "schema", "version": 2}
    query = {"query": 'sum(energytrack_pipeline_rejected_total{reason!="late"})'}
    answer = httpx.get(upgrade.site.url(upgrade.site.ports.prometheus, "/api/v1/query"), params=query).json()
    assert [float(each["value"][1]) for each in answer["data"]["result"]] == [0.0]


@pytest.mark.parametrize("name", ["ml-consumer", "exporters"])
def test_both_releases_understand_each_other_for_a_while(upgrade: Upgrade, name: str) -> None:
    """As in a rolling update: a replica of 0.1.0 beside ours, in the same group, understands what we send and we it."""
    emits = name == "ml-consumer"
    with release.started_beside(upgrade.last, upgrade.site, name) as page:

        def kept() -> dict[str, float]:
            said = release.metrics(page)
            assert said["received"] > DEVICES * SECONDS_TOGETHER / 4
            assert not emits or said["emitted"] > 0
            return said

        said = eventually(kept, deadline=120, pause=1)
        assert said["rejected"] == 0
        if emits:
            began = datetime.now(UTC)
            eventually(partial(_scored_after, upgrade.site, began), deadline=60, pause=1)
    query = {"query": 'sum(energytrack_pipeline_rejected_total{reason!="late"})'}
    answer = httpx.get(upgrade.site.url(upgrade.site.ports.prometheus, "/api/v1/query"), params=query).json()
    assert [float(each["value"][1]) for each in answer["data"]["result"]] == [0.0]


def test_data_of_a_newer_release_are_refused(upgrade: Upgrade) -> None:
    """A command of this release that meets a newer form of the data ends with a sentence that says what to do."""
    with database(upgrade.site) as client:
        schema = client["energytrack"]["schema"]
        schema.update_one({"_id": "schema"}, {"$inc": {"version": 1}})
        try:
            done = subprocess.run(
                [sys.executable, "-m", "historian", "rebuild", "--from", f"{SystemClock().now():%Y-%m-%d}"], cwd=ROOT,
                env={**upgrade.stack.env, **shared_env(upgrade.site)}, capture_output=True, text=True, check=False,
            )  # fmt: skip
        finally:
            schema.update_one({"_id": "schema"}, {"$inc": {"version": -1}})
    assert done.returncode != 0
    assert "were written by a newer release" in done.stdout + done.stderr


def _run(stack: LocalStack, *arguments: str) -> None:
    said = stack.say(*arguments)
    assert said.returncode == 0, said.stdout + said.stderr


def _scored_after(site: Site, moment: datetime) -> bool:
    """Whether every machine has an insight from after that moment in the database, whoever scored it."""
    with database(site) as client:
        found = client["energytrack"]["insights"].find({"timestamp": {"$gt": moment}})
        return len({each["device"]["id"] for each in found}) == DEVICES


def _beyond(kwh: dict[str, float], filed: dict[str, list[float]]) -> dict[str, float]:
    """The newest registers, once they have all reached these energies."""
    newest = {device_id: filed[device_id][-1] for device_id in kwh}
    assert all(newest[device_id] >= kwh[device_id] - 10**-PLACES for device_id in kwh)
    return newest


def _written_before(consumer: KafkaConsumer, topic: str, moment: float) -> int:
    """How many messages of a topic were written before a moment; reads each of them."""
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
    ends = consumer.end_offsets(partitions)
    consumer.assign(partitions)
    consumer.seek_to_beginning()
    read = 0
    while any(consumer.position(each) < ends[each] for each in partitions):
        for batch in consumer.poll(timeout_ms=1000).values():
            read += sum(record.timestamp < moment * 1000 for record in batch)
    return read
