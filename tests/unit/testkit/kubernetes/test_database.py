"""What stands in for MongoDB's operator: a member, and the secret with its address."""

from typing import Any

from testkit.kubernetes.database import database_objects
from tests.unit.deploy.compose_file import containers
from tests.unit.deploy.kubernetes.objects import rendered


def of(overlay: str, kind: str) -> list[dict[str, Any]]:
    return [each for each in rendered(overlay) if each["kind"] == kind]


def the(objects: list[Any], kind: str, name: str) -> dict[str, Any]:
    (found,) = (each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name))
    result: dict[str, Any] = found
    return result


def test_the_database_is_where_our_pods_look_for_it() -> None:
    (database,) = of("plant-1000", "MongoDBCommunity")
    made = database_objects(database, "a/b")
    address = the(made, "Secret", "mongodb-uri")["stringData"]["connectionString.standard"]
    host = "mongodb-0.mongodb-svc.energytrack.svc.cluster.local:27017"
    assert address == f"mongodb://energytrack:a%2Fb@{host}/?authSource=energytrack"
    member = the(made, "StatefulSet", "mongodb")["spec"]
    assert member["replicas"] == 1
    (container,) = member["template"]["spec"]["containers"]
    assert container["image"] == containers()["mongo"].described["image"]
    assert container["resources"]["limits"] == {"memory": "4Gi"}


def test_it_runs_without_privileges() -> None:
    (database,) = of("demo", "MongoDBCommunity")
    pod = the(database_objects(database, "x"), "StatefulSet", "mongodb")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
