"""A node's settings in the trial, and that it leaves nothing on the computer."""

from pathlib import Path

import yaml

from testkit.kubernetes.cluster_programs import ClusterPrograms
from testkit.kubernetes.credentials import ClusterCredentials
from testkit.kubernetes.nodes import ClusterNode


def test_a_kubelet_changes_no_setting_of_the_computer(tmp_path: Path) -> None:
    node = ClusterNode(2, tmp_path)
    script = node.script(ClusterPrograms(Path("/programs")), ClusterCredentials(Path("/credentials")))
    for setting in ("vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops"):
        assert f" /proc/sys/{setting}\n" in script
    settings = yaml.load(yaml.safe_dump(node.kubelet(ClusterCredentials(Path("/credentials")))), yaml.CSafeLoader)
    assert (settings["cgroupDriver"], settings["failCgroupV1"], settings["oomScoreAdj"]) == ("cgroupfs", False, 0)
    assert "restrict_oom_score_adj = true" in node.containerd(ClusterPrograms(Path("/programs")))


def test_a_kubelet_waits_for_what_runs_its_containers(tmp_path: Path) -> None:
    script = ClusterNode(1, tmp_path).script(ClusterPrograms(Path("/programs")), ClusterCredentials(tmp_path))
    started, waits, kubelet = (script.index(each) for each in ("containerd --config", "until test -S", "exec "))
    assert started < waits < kubelet


def test_nodes_share_no_folder_and_no_address(tmp_path: Path) -> None:
    first, second = (ClusterNode(number, tmp_path / f"node-{number}") for number in (1, 2))
    credentials = ClusterCredentials(tmp_path)
    assert first.kubelet(credentials)["address"] != second.kubelet(credentials)["address"]
    assert first.socket != second.socket
    assert first.cgroup != second.cgroup
