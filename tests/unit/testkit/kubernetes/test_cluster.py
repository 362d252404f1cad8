"""The volumes of a cluster's nodes; tests/kubernetes runs a whole cluster."""

from pathlib import Path

from testkit.kubernetes.cluster import volume
from testkit.kubernetes.nodes import ClusterNode


def test_a_volume_is_an_empty_folder_of_its_node(tmp_path: Path) -> None:
    node = ClusterNode(2, tmp_path)
    (node.volumes / "0").mkdir(parents=True)
    (node.volumes / "0" / "of the last cluster").touch()
    made = volume(node, 0)["spec"]
    folder = Path(made["local"]["path"])
    assert list(folder.iterdir()) == []
    (term,) = made["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["node-2"]}]
