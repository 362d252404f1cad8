"""A cluster on this computer: the control plane, names, services, and nodes."""

import json
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from testkit.kubernetes.cluster_programs import ClusterPrograms
from testkit.kubernetes.credentials import ClusterCredentials, make_credentials
from testkit.kubernetes.daemons import ClusterFailed, Daemons, run
from testkit.kubernetes.network import API, DNS, PODS, SERVICES, network
from testkit.kubernetes.nodes import ClusterNode
from testkit.kubernetes.server import ApiServer

VOLUMES: Final = 6
"""Of each node."""
STORE: Final = "http://127.0.0.1:2379"
START_SECONDS: Final = 120


@dataclass(frozen=True)
class Cluster:
    """A running cluster."""

    programs: ClusterPrograms
    credentials: ClusterCredentials
    daemons: Daemons
    nodes: tuple[ClusterNode, ...]

    @property
    def server(self) -> ApiServer:
        """What people type commands at."""
        return ApiServer(self.credentials.kubeconfig)

    def kubectl(self, *arguments: str, text: str | None = None, seconds: float = 120) -> str:
        """What it printed; raises ClusterFailed."""
        config = f"--kubeconfig={self.credentials.kubeconfig}"
        return run(("kubectl", config, *arguments), seconds=seconds, text=text)

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """Create objects, or change them."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("apply", "--server-side", "--force-conflicts", "--filename", "-", text=json.dumps(listed))

    def items(self, *kinds: str, namespace: str) -> list[dict[str, Any]]:
        """All objects of these kinds."""
        said = self.kubectl("--namespace", namespace, "get", ",".join(kinds), "--output", "json")
        found: list[dict[str, Any]] = json.loads(said)["items"]
        return found


@contextmanager
def running_cluster(
    programs: ClusterPrograms, folder: Path, images: Path, *, nodes: int, disks: int
) -> Iterator[Cluster]:
    """A cluster with these images that lives as long as the context; the first `disks` nodes have volumes."""
    credentials = make_credentials(folder / "credentials")
    with network(nodes) as name:
        daemons = Daemons(folder / "logs", name)
        placed = tuple(ClusterNode(number, folder / f"node-{number}") for number in range(1, nodes + 1))
        cluster = Cluster(programs, credentials, daemons, placed)
        try:
            _start_control_plane(cluster, folder)
            _start_names(cluster, folder)
            for node in placed:
                _start_node(cluster, node, images)
            _make_volumes(cluster, placed[:disks])
            yield cluster
        finally:
            daemons.stop()
            for node in placed:
                node.clean()


def _start_control_plane(cluster: Cluster, folder: Path) -> None:
    programs, credentials, daemons = cluster.programs, cluster.credentials, cluster.daemons
    shutil.rmtree(folder / "etcd", ignore_errors=True)
    daemons.start("etcd", programs.store, f"--data-dir={folder / 'etcd'}", f"--listen-client-urls={STORE}",
                  f"--advertise-client-urls={STORE}", "--listen-peer-urls=http://127.0.0.1:2380",
                  "--unsafe-no-fsync")  # fmt: skip
    certificate, key = credentials.certificate("server")
    admin, admin_key = credentials.certificate("admin")
    daemons.start(
        "kube-apiserver", programs["kube-apiserver"],
        f"--etcd-servers={STORE}", f"--bind-address={API}", f"--advertise-address={API}", "--secure-port=6443",
        f"--service-cluster-ip-range={SERVICES}", "--authorization-mode=RBAC", "--allow-privileged=true",
        f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}",
        f"--client-ca-file={credentials.authority}", "--kubelet-preferred-address-types=InternalIP",
        f"--kubelet-client-certificate={admin}", f"--kubelet-client-key={admin_key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-signing-key-file={credentials.accounts_key}",
        f"--service-account-key-file={credentials.accounts_key}",
    )  # fmt: skip
    daemons.wait_for("kube-apiserver", lambda: _answers(cluster), START_SECONDS)
    config = f"--kubeconfig={credentials.kubeconfig}"
    daemons.start("kube-controller-manager", programs["kube-controller-manager"], config, "--leader-elect=false",
                  "--bind-address=127.0.0.1", "--use-service-account-credentials=false",
                  f"--service-account-private-key-file={credentials.accounts_key}",
                  f"--root-ca-file={credentials.authority}")  # fmt: skip
    daemons.start("kube-scheduler", programs["kube-scheduler"], config, "--leader-elect=false",
                  "--bind-address=127.0.0.1")  # fmt: skip


def _start_names(cluster: Cluster, folder: Path) -> None:
    """Names of services, and their addresses; both beside the nodes, since they need nothing of one."""
    config = cluster.credentials.kubeconfig
    names = folder / "Corefile"
    names.write_text(f"""cluster.local:53 {{
  bind {DNS}
  errors
  kubernetes cluster.local {{
    kubeconfig {config}
    ttl 5
  }}
}}
""", encoding="utf-8")  # fmt: skip
    cluster.daemons.start("coredns", cluster.programs["coredns"], "-conf", names)
    cluster.daemons.start(
        "kube-proxy", cluster.programs["kube-proxy"], f"--kubeconfig={config}", f"--cluster-cidr={PODS}",
        "--hostname-override=node-1", "--proxy-mode=iptables", "--oom-score-adj=0",
        "--conntrack-max-per-core=0", "--conntrack-min=0", "--conntrack-tcp-timeout-established=0s",
        "--conntrack-tcp-timeout-close-wait=0s",
    )  # fmt: skip


def _start_node(cluster: Cluster, node: ClusterNode, images: Path) -> None:
    script = node.prepare(cluster.programs, cluster.credentials)
    first = cluster.nodes[0]
    if node is not first:
        node.copy_images(first)
    cluster.daemons.start(
        node.name, "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation=private",
        "sh", script, end_by=signal.SIGKILL,  # as in a power cut, with all that runs on it
    )  # fmt: skip
    cluster.daemons.wait_for(node.name, node.socket.exists, START_SECONDS)
    if node is first:
        node.import_images(images)
    cluster.daemons.wait_for(node.name, lambda: _is_ready(cluster, node), START_SECONDS)


def _make_volumes(cluster: Cluster, nodes: Sequence[ClusterNode]) -> None:
    """A storage class, and folders of each node as its volumes: nobody makes them on demand here."""
    storage = {
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {
            "name": "folders", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer",
    }  # fmt: skip
    cluster.apply(storage, *(volume(node, number) for node in nodes for number in range(VOLUMES)))


def volume(node: ClusterNode, number: int) -> dict[str, Any]:
    """An empty folder of a node as a volume."""
    folder = node.volumes / str(number)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node.name]}
    return {
        "apiVersion": "v1", "kind": "PersistentVolume",
        "metadata": {"name": f"{node.name}-{number}"},
        "spec": {
            "capacity": {"storage": "1Ti"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "folders",
            "persistentVolumeReclaimPolicy": "Retain", "local": {"path": str(folder)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
        },
    }  # fmt: skip


def _answers(cluster: Cluster) -> bool:
    try:
        return cluster.kubectl("get", "--raw", "/readyz") == "ok"
    except ClusterFailed as not_yet:
        raise AssertionError(str(not_yet)) from not_yet


def _is_ready(cluster: Cluster, node: ClusterNode) -> bool:
    try:
        said = cluster.kubectl("get", "node", node.name, "--output", "json")
    except ClusterFailed as not_yet:
        raise AssertionError(str(not_yet)) from not_yet
    conditions = {each["type"]: each for each in json.loads(said)["status"].get("conditions", [])}
    ready = conditions.get("Ready", {"status": "Unknown", "message": "no word of it"})
    assert ready["status"] == "True", f"{node.name}: {ready['message']}"
    return True
