"""An overlay on a running cluster, and what people see of it."""

import base64
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import SecretStr

from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from local.site import ROOT
from testkit.kubernetes import brokers, database
from testkit.kubernetes.cluster import Cluster
from testkit.kubernetes.daemons import ClusterFailed
from testkit.kubernetes.network import OUTSIDE
from testkit.patience import seconds_here
from testkit.stack.servers import eventually

NAMESPACE: Final = "energytrack"
ADDRESS: Final = "energy.plant.example"
"""Where people find the plant, as the overlays say; the ingress that knows it is not part of the trial."""
FIRST_BROKER: Final = "energytrack-brokers-0"


@dataclass
class ClusterPlant:
    """One overlay that was applied."""

    cluster: Cluster
    command: str
    """How it is applied."""

    def apply(self) -> None:
        """Apply it, and let the stand-ins of operators do their part; can be repeated."""
        self.cluster.server.shell(self.command, folder=ROOT)
        (kafka,) = self.items("kafkas.kafka.strimzi.io")
        (pool,) = self.items("kafkanodepools.kafka.strimzi.io")
        users = self.items("kafkausers.kafka.strimzi.io")
        existing = [each["metadata"]["name"] for each in self.items("secrets")]
        self.cluster.apply(*brokers.user_secrets(kafka, users, existing), *brokers.broker_objects(kafka, pool))
        (stored,) = self.items("mongodbcommunity.mongodbcommunity.mongodb.com")
        password = self.secret(stored["spec"]["users"][0]["passwordSecretRef"]["name"], "password")
        self.cluster.apply(*database.database_objects(stored, password))
        eventually(lambda: self.is_ready(FIRST_BROKER), 300, pause=1)
        prefix = kafka["spec"]["entityOperator"]["userOperator"]["secretPrefix"]
        passwords = {
            (name := user["metadata"]["name"]): self.secret(f"{prefix}{name}", "password") for user in users
        }  # fmt: skip
        brokers.set_users(self.broker, self.secret(brokers.ADMINISTRATOR_SECRET, "password"), passwords, users)

    def kubectl(self, *arguments: str, seconds: float = 120) -> str:
        """`kubectl --namespace energytrack …`."""
        return self.cluster.kubectl("--namespace", NAMESPACE, *arguments, seconds=seconds)

    def items(self, *kinds: str) -> list[dict[str, Any]]:
        """All objects of these kinds."""
        return self.cluster.items(*kinds, namespace=NAMESPACE)

    def pods(self, **labels: str) -> list[dict[str, Any]]:
        """Pods that have not ended, by labels (`name` is app.kubernetes.io/name)."""
        wanted = {"app.kubernetes.io/name" if key == "name" else key: value for key, value in labels.items()}
        return [
            each
            for each in self.items("pods")
            if each["status"]["phase"] in {"Pending", "Running"}
            and wanted.items() <= each["metadata"]["labels"].items()
        ]

    def pod(self, name: str) -> dict[str, Any]:
        """A pod by its name."""
        found: dict[str, Any] = json.loads(self.kubectl("get", "pod", name, "--output", "json"))
        return found

    def is_ready(self, name: str) -> bool:
        """Whether a pod says so of itself; asserts with its state."""
        try:
            pod = self.pod(name)
        except ClusterFailed as not_yet:
            raise AssertionError(str(not_yet)) from not_yet
        assert ready(pod), state(pod)
        return True

    def all_ready(self) -> bool:
        """Whether every pod is; asserts with the states of those that are not."""
        pods = self.pods()
        assert pods
        waiting = [state(pod) for pod in pods if not ready(pod)]
        assert not waiting, "\n".join(waiting)
        return True

    def secret(self, name: str, key: str) -> str:
        """The value of a key of a secret."""
        said: Mapping[str, Any] = json.loads(self.kubectl("get", "secret", name, "--output", "json"))
        return base64.b64decode(said["data"][key]).decode()

    def front_door(self) -> httpx.Client:
        """A browser at the front door; the ingress, which ends TLS, is left out."""
        service = json.loads(self.kubectl("get", "service", "front-door", "--output", "json"))["spec"]
        return httpx.Client(
            base_url=f"http://{service['clusterIP']}:{service['ports'][0]['port']}",
            headers={"Host": ADDRESS, "X-Forwarded-Proto": "https", "X-Forwarded-For": OUTSIDE},
            timeout=seconds_here(20),
        )

    @property
    def broker(self) -> str:
        """The address of a broker, at the listener that is not the plant's."""
        return f"{self.pod(FIRST_BROKER)['status']['podIP']}:{brokers.OPERATOR_PORT}"

    def token(self, role: str) -> str:
        """A new token for a script, made by the command that people use."""
        made = self.kubectl(
            "exec", "deployment/control-api", "--", "python", "-m", "control_api", "tokens", "create",
            "--name", f"trial-{role.lower()}", "--role", role,
        )  # fmt: skip
        return made.split()[-1]

    def store(self) -> "closing[Store]":
        """The plant's database, signed in as our services are."""
        address = self.secret("mongodb-uri", "connectionString.standard")
        host = f"mongodb-0.mongodb-svc.{NAMESPACE}.svc.cluster.local"
        here = address.replace(host, self.pod("mongodb-0")["status"]["podIP"])
        return closing(open_store(MongoSettings(uri=SecretStr(here))))

    def write_last_words(self, file: Path) -> None:
        """What pods are like and have said, for whoever looks for a mistake."""
        parts = [self.kubectl("get", "pods", "--output", "wide"), self.kubectl("get", "events")]
        parts += [self.kubectl("describe", "pods")]
        for pod in self.items("pods"):
            name = pod["metadata"]["name"]
            try:
                parts.append(f"=== {name}\n" + self.kubectl("logs", name, "--all-containers", "--tail=200"))
            except ClusterFailed as silent:
                parts.append(f"=== {name}: {silent}")
        file.write_text("\n".join(parts), encoding="utf-8")


def ready(pod: Mapping[str, Any]) -> bool:
    """Whether a pod is ready."""
    conditions = {each["type"]: each["status"] for each in pod["status"].get("conditions", [])}
    return conditions.get("Ready") == "True"


def state(pod: Mapping[str, Any]) -> str:
    """A line about a pod that is not ready: what it waits for."""
    status = pod["status"]
    parts = [each.get("message", each["type"]) for each in status.get("conditions", []) if each["status"] != "True"]
    for each in (*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])):
        waiting = each["state"].get("waiting") or each["state"].get("terminated")
        if waiting:
            parts.append(f"{each['name']}: {waiting.get('reason')} {waiting.get('message', '')}")
    return f"{pod['metadata']['name']} is {status['phase']}: {'; '.join(parts)}"
