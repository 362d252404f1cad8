"""The programs of a whole cluster: Kubernetes' own and its name server, built once by Go, and those of Debian."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testkit.kubernetes.programs import (
    BUILDERS,
    STORE,
    VERSION,
    alone,
    cache_folder,
    compile_program,
    unpack,
    write_module,
)

WANTED: Final = "ENERGYTRACK_CLUSTER"
"""With this variable, the trial runs, and builds what is not in the cache."""
COREDNS: Final = "1.12.4"
BUILT: Final = {
    **{
        name: f"k8s.io/kubernetes/cmd/{name}"
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet")
    },
    "coredns": "energytrack.example/kubernetes/dns",
}
"""Programs by the Go package that each is built from."""
DNS: Final = """package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
)

func init() { dnsserver.Directives = []string{"bind", "errors", "kubernetes"} }

func main() { coremain.Run() }
"""
"""CoreDNS with the plugins that are needed: all of them would take minutes more."""
PLUGINS: Final = "containernetworking-plugins"
INSTALLED: Final = (
    "kubectl", "openssl", "containerd", "containerd-shim-runc-v2", "runc", "ctr", "ip", "iptables", "nsenter",
    "unshare",
)  # fmt: skip


@dataclass(frozen=True)
class ClusterPrograms:
    """A folder with all of them, built or not."""

    folder: Path

    def __getitem__(self, name: str) -> Path:
        """The path of a program by its name."""
        return self.folder / name

    @property
    def network_plugins(self) -> Path:
        """The folder of the plugins that give pods their addresses."""
        return self.folder / "debian/usr/lib/cni"

    @property
    def store(self) -> Path:
        """Where the API server keeps its objects."""
        return self.folder / "debian/usr/bin/etcd"

    @property
    def complete(self) -> bool:
        """Whether there is nothing left to build."""
        files = [*(self[name] for name in BUILT), self.store, self.network_plugins / "ptp"]
        return all(file.exists() for file in files)


def cached() -> ClusterPrograms:
    """The programs of these versions."""
    return ClusterPrograms(cache_folder() / f"cluster-{VERSION}-{COREDNS}")


def why_missing() -> str:
    """Why no cluster can be had here, and what would bring one; empty where it can."""
    if WANTED not in os.environ:
        return "a cluster is tried by `ENERGYTRACK_CLUSTER=1 make test-kubernetes`: root, Go, containers and an hour"
    if os.geteuid() != 0:
        return "only root may start a cluster by hand"
    needed = INSTALLED if cached().complete else INSTALLED + BUILDERS
    absent = [program for program in needed if shutil.which(program) is None]
    return (
        f"not installed: {', '.join(absent)} (Debian: containerd, runc, iproute2; Go 1.24 or newer)" if absent else ""
    )


def build(programs: ClusterPrograms) -> None:
    """Build and unpack what is missing; raises CannotDownload or CannotBuild. Who comes meanwhile waits."""
    with alone(programs.folder):
        if not programs.store.exists() or not programs.network_plugins.exists():
            unpack(programs.folder / "debian", STORE, PLUGINS)
        missing = {name: package for name, package in BUILT.items() if not programs[name].exists()}
        source = programs.folder / "source"
        if missing:
            write_module(source, {"github.com/coredns/coredns": COREDNS})
            (source / "dns").mkdir(exist_ok=True)
            (source / "dns/main.go").write_text(DNS, encoding="utf-8")
        for name, package in missing.items():
            compile_program(source, package, programs[name])
