"""The facts that a running release reports about its plant, queried as people and scripts do."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx
from bson import ObjectId
from pymongo import MongoClient

from energytrack.machines.power import JOULES_PER_KWH
from energytrack.plant import load_plant
from local.services.mongo import mongo_uri
from local.services.passwords import authorization, server_password
from local.services.pipeline import own_env
from local.services.secrets import COMMAND_SIGNING_KEY
from local.site import Site
from testkit.clients.http import HTTP
from testkit.patience import seconds_here
from testkit.stack.local_stack import LocalStack
from testkit.stack.servers import eventually

Document = Mapping[str, Any]
FILED: Final = ("readings", "insights", "events", "alarm_log")
"""Collections whose documents never change."""
LISTED: Final = {
    "orders": ("/api/commands", "commands", "command_id"),
    "alarms": ("/api/alarms", "alarms", "alarm_id"),
    "schedules": ("/api/schedules", "schedules", "schedule_id"),
    "locks": ("/api/locks", "locks", "lock_id"),
}
"""The control API's lists: path, the list's name, and the field that identifies an element."""
MOMENTS: Final = frozenset({"next_run_at"})
"""Fields that 0.1.0 wrote in the plant's zone, and this release in UTC, as all others: the moment is the same."""
COUNTER: Final = "energytrack_device_energy_joules_total"


@dataclass(frozen=True)
class Facts:
    """The facts of a release, as in JSON."""

    api: Mapping[str, Mapping[str, Document]]
    """The responses of the API, by kind and id."""
    logs: Mapping[str, Sequence[Document]]
    """The log of each alarm, newest first."""
    stored: Mapping[str, Mapping[ObjectId | str, Document]]
    """Documents by collection and id."""
    silences: Mapping[str, Document]
    model: Mapping[str, bytes]
    """The champion's files by name."""


def facts(site: Site, token: str) -> Facts:
    """All facts that the next release must report too."""
    with api(site, token) as client:
        answers = {kind: _listed(client, *where) for kind, where in LISTED.items()}
        logs = {alarm: client.get(f"/api/alarms/{alarm}/log").json()["log"] for alarm in answers["alarms"]}
    with database(site) as client:
        stored = {name: {each["_id"]: each for each in client["energytrack"][name].find()} for name in FILED}
    sign_in = authorization(server_password(site, "alertmanager"))
    silences = HTTP.get(alertmanager(site, "silences"), headers=sign_in).json()
    return Facts(
        api=answers,
        logs=logs,
        stored=stored,
        silences={each["id"]: each for each in silences},
        model={file.name: file.read_bytes() for file in _model_files(site.var / "models")},
    )


def api(site: Site, token: str) -> httpx.Client:
    """The control API, with the rights of a token."""
    return httpx.Client(
        base_url=site.url(site.ports.control_api, ""),
        headers={"Authorization": f"Bearer {token}"},
        timeout=seconds_here(30),
    )


def created_token(stack: LocalStack) -> str:
    """An administrator's token, made by the command that people use."""
    return said_by(stack, "control_api", "tokens", "create", "--name", "script", "--role", "Admin").strip()


def said_by(stack: LocalStack, *arguments: str) -> str:
    """The output of one of our commands about this stack."""
    env = {**own_env(stack.site, COMMAND_SIGNING_KEY), **stack.env}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=stack.root, env=env, check=True, capture_output=True, text=True).stdout


def alertmanager(site: Site, path: str) -> str:
    """An address of Alertmanager's API."""
    return site.url(site.ports.alertmanager, f"/api/v2/{path}")


def counters(site: Site, *, at: float | None = None) -> dict[str, float]:
    """The energy counter of each machine in kWh, as Prometheus has it now or, finally, at a past moment.

    A scrape has the time of its start and is stored at its end: samples up to a moment exist once a later scrape does.
    """
    if at is not None:
        eventually(lambda: _scraped_since(site, at), deadline=60, pause=0.5)
    question: dict[str, str | float] = {"query": COUNTER} | ({} if at is None else {"time": at})
    return {device: joules / JOULES_PER_KWH for device, joules in _by_device(site, question).items()}


def _scraped_since(site: Site, moment: float) -> bool:
    scraped_at = _by_device(site, {"query": f"timestamp({COUNTER})"}).values()
    return bool(scraped_at) and min(scraped_at) > moment


def _by_device(site: Site, question: Mapping[str, str | float]) -> dict[str, float]:
    sign_in = authorization(server_password(site, "prometheus"))
    answer = HTTP.get(site.url(site.ports.prometheus, "/api/v1/query"), params=dict(question), headers=sign_in).json()
    return {each["metric"]["device_id"]: float(each["value"][1]) for each in answer["data"]["result"]}


def registers(site: Site) -> dict[str, list[float]]:
    """The stored registers of each machine, and of each other meter, in kWh, oldest first."""
    by_device: dict[str, list[float]] = {}
    with database(site) as client:
        for each in client["energytrack"]["readings"].find(sort=[("timestamp", 1)]):
            if each.get("energy_kwh") is not None:
                by_device.setdefault(each["device"]["id"], []).append(each["energy_kwh"])
    return by_device


def plant_meters(site: Site) -> frozenset[str]:
    """Meters of this plant that are no machines: they have no insights, and a ledger of their own."""
    return frozenset(load_plant(site.plant_file).meters)


def database(site: Site) -> "closing[MongoClient[dict[str, Any]]]":
    """The stack's own database."""
    return closing(MongoClient(mongo_uri(site)))


def same_fields(before: Document, after: Document) -> Document:
    """The fields of `after` that `before` also has: a new release may have more."""
    return {
        field: answer if field in MOMENTS and _moment(answer) == _moment(after.get(field)) else after.get(field)
        for field, answer in before.items()
    }


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _listed(client: httpx.Client, path: str, name: str, key: str) -> Mapping[str, Document]:
    answer = client.get(path)
    assert answer.status_code == httpx.codes.OK, answer.text
    return {each[key]: each for each in answer.json()[name]}


def _model_files(folder: Path) -> Sequence[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix in {".pkl", ".json"})
