"""An API server of Kubernetes with the operators' definitions, on this computer and without nodes.

It checks and keeps objects as that of a cluster does; nothing makes pods of them.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

import yaml

from testkit.kubernetes.programs import ServerPrograms
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, free_ports

START_SECONDS: Final = 120
END_SECONDS: Final = 30
COMMAND_SECONDS: Final = 120
TOKEN: Final = "of-this-server-alone"  # noqa: S105  # which ends with the test
STRIMZI: Final = {
    "Kafka": "kafkas",
    "KafkaMirrorMaker2": "kafkamirrormaker2s",
    "KafkaNodePool": "kafkanodepools",
    "KafkaUser": "kafkausers",
}
"""Objects of an operator that is no Go module, and their names in the plural: any content is taken."""


class CommandFailed(Exception):
    """A command failed; the message is what it said."""


@dataclass(frozen=True)
class ApiServer:
    """A running server."""

    kubeconfig: Path

    def shell(self, script: str, *, folder: Path, text: str | None = None, seconds: float = COMMAND_SECONDS) -> str:
        """Run commands as people type them; returns what was said, warnings too. Raises CommandFailed."""
        done = subprocess.run(
            ("bash", "-euo", "pipefail", "-c", script),
            cwd=folder, env={**os.environ, "KUBECONFIG": str(self.kubeconfig)}, input=text, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=seconds_here(seconds),
        )  # fmt: skip
        if done.returncode:
            raise CommandFailed(f"{script}\n{done.stdout[-4000:]}")
        return done.stdout


@contextmanager
def api_server(programs: ServerPrograms, definitions: Path, folder: Path) -> Iterator[ApiServer]:
    """A server that lives as long as the context, with everything it keeps in a folder."""
    secure, clients, peers = astuple(free_ports())[:3]
    store = f"http://127.0.0.1:{clients}"
    key = folder / "accounts.key"
    subprocess.run(("openssl", "genrsa", "-out", key, "2048"), check=True, capture_output=True)
    (folder / "tokens.csv").write_text(f"{TOKEN},admin,admin,system:masters\n", encoding="utf-8")
    keeps = (
        programs.store, f"--data-dir={folder / 'etcd'}", "--unsafe-no-fsync",
        f"--listen-client-urls={store}", f"--advertise-client-urls={store}",
        f"--listen-peer-urls=http://127.0.0.1:{peers}",
    )  # fmt: skip
    answers = (
        programs.server, f"--etcd-servers={store}", "--bind-address=127.0.0.1", f"--secure-port={secure}",
        f"--cert-dir={folder / 'certificates'}", f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC", "--service-cluster-ip-range=10.213.0.0/16", "--endpoint-reconciler-type=none",
        "--service-account-issuer=https://kubernetes.default.svc", f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
    )  # fmt: skip
    server = ApiServer(folder / "kubeconfig")
    server.kubeconfig.write_text(yaml.safe_dump(_kubeconfig(secure, folder)), encoding="utf-8")
    with _running(keeps, folder / "etcd.log"), _running(answers, folder / "server.log") as process:
        eventually(lambda: _answers(server, process, folder / "server.log"), START_SECONDS, pause=0.5)
        define(server, definitions)
        yield server


@contextmanager
def _running(command: Sequence[str | Path], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    with log.open("w", encoding="utf-8") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(seconds_here(END_SECONDS))
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(server: ApiServer, process: "subprocess.Popen[bytes]", log: Path) -> bool:
    if process.poll() is not None:
        raise CommandFailed(f"the server has ended:\n{log.read_text(encoding='utf-8')[-2000:]}")
    try:
        server.shell("kubectl get --raw /readyz", folder=log.parent)
    except CommandFailed as not_yet:
        raise AssertionError(str(not_yet)) from not_yet
    return True


def define(server: ApiServer, definitions: Path) -> None:
    """The operators' objects; an order without `wait` would be refused in its first moments."""
    loose = yaml.safe_dump_all([_definition(kind, plural) for kind, plural in STRIMZI.items()])
    server.shell("kubectl apply --server-side --filename -", folder=definitions, text=loose)
    server.shell(f"kubectl apply --server-side --filename '{definitions}'", folder=definitions)
    server.shell("kubectl wait --for=condition=Established --all customresourcedefinitions", folder=definitions)


def _definition(kind: str, plural: str) -> dict[str, object]:
    anything = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.kafka.strimzi.io"},
        "spec": {
            "group": "kafka.strimzi.io",
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": anything}],
        },
    }


def _kubeconfig(port: int, folder: Path) -> dict[str, object]:
    signed_by = str(folder / "certificates" / "apiserver.crt")
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": signed_by}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "trial", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": TOKEN}}],
        "contexts": [{"name": "trial", "context": {"cluster": "trial", "user": "admin"}}],
        "current-context": "trial",
    }
