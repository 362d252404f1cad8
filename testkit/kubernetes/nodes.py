"""Nodes on one computer: a kubelet and a containerd each, in namespaces of processes and mounts of their own.

So several share the computer, none changes its settings, and what one started ends with it, as in a power cut.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from testkit.kubernetes.cluster_programs import ClusterPrograms
from testkit.kubernetes.credentials import ClusterCredentials
from testkit.kubernetes.daemons import run
from testkit.kubernetes.network import DNS, node_address, pods_of
from testkit.stack.servers import eventually

END_SECONDS: Final = 30
PAUSE: Final = "energytrack-trial/pause:1"
"""The image of the container that holds a pod's addresses."""
CGROUPS: Final = Path("/sys/fs/cgroup")
CONTROLLERS: Final = ("cpu", "cpuacct", "cpuset", "memory", "pids", "devices", "freezer", "blkio", "systemd", "unified")
"""Of the first version of cgroups, where each has a tree of its own."""
TUNED: Final = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
"""Settings of the computer that a kubelet changes unless they are so: it is shown files that say they are."""


@dataclass(frozen=True)
class ClusterNode:
    """A node's place: a folder, and a number from 1."""

    number: int
    folder: Path

    @property
    def name(self) -> str:
        """As the API server knows it."""
        return f"node-{self.number}"

    @property
    def volumes(self) -> Path:
        """Its disk for volumes of pods."""
        return self.folder / "volumes"

    @property
    def socket(self) -> Path:
        """Where its containerd answers."""
        return self.folder / "run/containerd/containerd.sock"

    @property
    def cgroup(self) -> str:
        """The group of all its pods, in each tree."""
        return f"energytrack-trial-{self.name}"

    def prepare(self, programs: ClusterPrograms, credentials: ClusterCredentials) -> Path:
        """Write what its programs read; returns the script that is the node."""
        for fresh in ("run", "kubelet", "etc"):
            shutil.rmtree(self.folder / fresh, ignore_errors=True)
        for folder in ("run", "kubelet", "etc/cni", "etc/tuned", "containerd", "logs", "volumes"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        etc = self.folder / "etc"
        (etc / "containerd.toml").write_text(self.containerd(programs), encoding="utf-8")
        (etc / "cni/10-pods.conflist").write_text(json.dumps(self._pod_network()), encoding="utf-8")
        (etc / "resolv.conf").write_text(f"nameserver {DNS}\n", encoding="utf-8")
        (etc / "kubelet.yaml").write_text(yaml.safe_dump(self.kubelet(credentials)), encoding="utf-8")
        for setting, value in TUNED.items():
            (etc / "tuned" / setting.replace("/", ".")).write_text(f"{value}\n", encoding="utf-8")
        script = etc / "node"
        script.write_text(self.script(programs, credentials), encoding="utf-8")
        self._make_cgroups()
        return script

    def import_images(self, archive: Path) -> None:
        """Give it the images of an archive, unless it has had them."""
        stamp = self.folder / "containerd/imported"
        wanted = f"{archive.stat().st_size} {archive.stat().st_mtime_ns}"
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return
        run(("ctr", "-a", self.socket, "-n", "k8s.io", "images", "import", "--all-platforms", archive), seconds=900)
        stamp.write_text(wanted, encoding="utf-8")

    def copy_images(self, other: "ClusterNode") -> None:
        """Have the images of another node that does nothing else yet: files as links to its own, which never change."""
        mine = self.folder / "containerd"
        stamp = (other.folder / "containerd/imported").read_text(encoding="utf-8")
        if (mine / "imported").exists() and (mine / "imported").read_text(encoding="utf-8") == stamp:
            return
        shutil.rmtree(mine)
        run(("cp", "--archive", "--link", other.folder / "containerd", mine), seconds=300)
        for changing in (*mine.rglob("*.db"), mine / "imported"):
            changing.unlink()
            shutil.copy(other.folder / "containerd" / changing.relative_to(mine), changing)

    def clean(self) -> None:
        """Remove the groups that its pods have left behind, once all their processes have ended."""
        eventually(self._without_groups, END_SECONDS)

    def _without_groups(self) -> bool:
        for root in (CGROUPS / controller / self.cgroup for controller in CONTROLLERS):
            for folder in sorted((each for each in root.rglob("*") if each.is_dir()), reverse=True):
                _remove(folder)
            if root.exists():
                _remove(root)
        return True

    def _make_cgroups(self) -> None:
        for controller in CONTROLLERS:
            if (CGROUPS / controller).exists():
                (CGROUPS / controller / self.cgroup).mkdir(exist_ok=True)
        inherited = CGROUPS / "cpuset"
        for setting in ("cpuset.cpus", "cpuset.mems"):
            if (inherited / setting).exists():
                (inherited / self.cgroup / setting).write_text((inherited / setting).read_text())

    def script(self, programs: ClusterPrograms, credentials: ClusterCredentials) -> str:
        """Run as the first process of the node's namespaces."""
        etc = self.folder / "etc"
        tuned = "\n".join(
            f"mount --bind {etc}/tuned/{setting.replace('/', '.')} /proc/sys/{setting}" for setting in TUNED
        )
        return f"""set -eu
mount --make-rshared /
mkdir -p /var/lib/kubelet /var/lib/cni /var/log/pods /var/log/containers /opt/cni
mount --bind {self.folder}/run /run
mount --bind {self.folder}/kubelet /var/lib/kubelet
mount --make-rshared /var/lib/kubelet
mount -t tmpfs tmpfs /var/lib/cni
mount --bind {self.folder}/logs /var/log
{tuned}
containerd --config {etc}/containerd.toml &
until test -S /run/containerd/containerd.sock; do sleep 0.1; done
exec {programs["kubelet"]} --config={etc}/kubelet.yaml --kubeconfig={credentials.kubeconfig} \\
  --hostname-override={self.name} --node-ip={node_address(self.number)} --root-dir=/var/lib/kubelet
"""

    def containerd(self, programs: ClusterPrograms) -> str:
        return f"""version = 2
root = "{self.folder}/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/{PAUSE}"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{programs.network_plugins}"
  conf_dir = "{self.folder}/etc/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
"""

    def _pod_network(self) -> dict[str, Any]:
        """Each pod has a line of its own to the computer, which routes."""
        addresses = {
            "type": "host-local",
            "ranges": [[{"subnet": pods_of(self.number)}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        }
        return {"cniVersion": "0.4.0", "name": "pods", "plugins": [{"type": "ptp", "ipMasq": False, "ipam": addresses}]}

    def kubelet(self, credentials: ClusterCredentials) -> dict[str, Any]:
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(credentials.authority)},
            },
            "authorization": {"mode": "Webhook"},
            "address": node_address(self.number),
            "healthzPort": 0,
            "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
            "clusterDNS": [DNS],
            "clusterDomain": "cluster.local",
            "resolvConf": str(self.folder / "etc/resolv.conf"),
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{self.cgroup}",
            "failCgroupV1": False,
            "failSwapOn": False,
            "oomScoreAdj": 0,
            # The computer's disk is shared: how full it is says nothing about the trial.
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "imageGCHighThresholdPercent": 100,
            "imageGCLowThresholdPercent": 99,
        }


def _remove(group: Path) -> None:
    try:
        group.rmdir()
    except OSError as busy:
        raise AssertionError(str(busy)) from busy
