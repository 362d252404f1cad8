"""deploy/kubernetes: who reaches a plant from outside, and whom it reaches, is encrypted and known."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.unit.deploy.kubernetes.objects import deployments, every_overlay, rendered, with_components


def the(kind: str, objects: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """What the only object of that kind says."""
    (found,) = (each["spec"] for each in objects if each["kind"] == kind)
    return found  # type: ignore[no-any-return]


def listeners(objects: tuple[dict[str, Any], ...]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in the("Kafka", objects)["kafka"]["listeners"]}


@every_overlay
def test_kafka_is_reached_by_our_own_pods_alone_unless_it_is_opened(overlay: str) -> None:
    (only,) = listeners(rendered(overlay)).values()
    assert only["type"] == "internal"
    assert all("podSelector" in peer for peer in only["networkPolicyPeers"])


def test_the_listener_for_gateways_asks_who_they_are_and_is_encrypted(tmp_path: Path) -> None:
    there = listeners(with_components(tmp_path, "gateways", "hardened"))
    assert there.keys() == {"plain", "gateways"}
    assert {name: value for name, value in there["gateways"].items() if name != "configuration"} == {
        "name": "gateways", "port": 9093, "type": "loadbalancer", "tls": True,
        "authentication": {"type": "scram-sha-512"},
    }  # fmt: skip


def test_a_plant_checks_its_centre_everywhere_with_the_same_authority(tmp_path: Path) -> None:
    """The centre of Compose has an authority of its own, which no computer trusts by itself."""
    objects = with_components(tmp_path, "several-plants", "hardened")
    (written,) = the("Prometheus", objects)["remoteWrite"]
    assert written["tlsConfig"] == {"ca": {"secret": {"name": "centre-ca", "key": "ca.crt"}}}
    target = the("KafkaMirrorMaker2", objects)["target"]
    assert target["tls"]["trustedCertificates"] == [{"secretName": "centre-ca", "certificate": "ca.crt"}]
    (watch,) = deployments(objects, "mirror-watch")
    pod = watch["spec"]["template"]["spec"]
    env = {each["name"]: each["value"] for each in pod["containers"][0]["env"]}
    mounted = {each["mountPath"]: each["name"] for each in pod["containers"][0]["volumeMounts"]}
    folder, file = env["ENERGYTRACK_CENTRE_CA_FILE"].rsplit("/", 1)
    volumes = {each["name"]: each["secret"]["secretName"] for each in pod["volumes"] if "secret" in each}
    assert (volumes[mounted[folder]], file) == ("centre-ca", "ca.crt")
    assert urlsplit(written["url"]).hostname == target["bootstrapServers"].split(":")[0]
    assert urlsplit(written["url"]).scheme == "https"


def test_mirror_maker_reaches_the_plants_kafka(tmp_path: Path) -> None:
    """Its pods bear Strimzi's labels, not ours."""
    objects = with_components(tmp_path, "several-plants", "hardened")
    (mirror,) = (each["metadata"]["name"] for each in objects if each["kind"] == "KafkaMirrorMaker2")
    strimzi = {"strimzi.io/cluster": mirror, "strimzi.io/kind": "KafkaMirrorMaker2"}
    admitted = [each["podSelector"]["matchLabels"] for each in listeners(objects)["plain"]["networkPolicyPeers"]]
    assert strimzi in admitted
    source = the("KafkaMirrorMaker2", objects)["mirrors"][0]["source"]
    assert source["bootstrapServers"] == f"energytrack-kafka-bootstrap:{listeners(objects)['plain']['port']}"
