"""What MongoDB's operator would make of our object: one member, and the secret with its address.

The member is the image of the Compose trial. It has no copies of itself: where the object asks for three members, one
is made, and what a lost member costs is not tried.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

Object = Mapping[str, Any]
NAMESPACE: Final = "energytrack"
PASSWORDS: Final = "mongodb-passwords"  # its name
START_FILE: Final = "mongodb-first-start"


def database_objects(database: Object, password: str) -> list[Object]:
    """The objects of the database whose one user has this password."""
    name = database["metadata"]["name"]
    service, labels = f"{name}-svc", {"app": f"{name}-svc"}
    (user,) = database["spec"]["users"]
    host = f"{name}-0.{service}.{NAMESPACE}.svc.cluster.local:27017"
    address = f"mongodb://{user['name']}:{quote(password, safe='')}@{host}/?authSource={user['db']}"
    stateful_set = database["spec"]["statefulSet"]["spec"]
    return [
        _object("v1", "Secret", user["connectionStringSecretName"], stringData={
            "connectionString.standard": address, "username": user["name"], "password": password,
        }),
        _object("v1", "Secret", PASSWORDS, stringData={
            "root_password": password, "password": password, "reader_password": password,
        }),
        _object("v1", "ConfigMap", START_FILE, data={"energytrack.js": ""}),
        _object("v1", "Service", service, spec={
            "clusterIP": "None", "publishNotReadyAddresses": True, "selector": labels,
            "ports": [{"name": "mongodb", "port": 27017}],
        }),
        _object("apps/v1", "StatefulSet", name, spec={
            "serviceName": service,
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": _pod(database)},
            "volumeClaimTemplates": stateful_set["volumeClaimTemplates"],
        }),
    ]  # fmt: skip


def _pod(database: Object) -> dict[str, Any]:
    stateful_set = database["spec"]["statefulSet"]["spec"]
    (container,) = stateful_set["template"]["spec"]["containers"]
    (claim,) = stateful_set["volumeClaimTemplates"]
    return {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True, "runAsUser": 999, "runAsGroup": 999, "fsGroup": 999,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [{
            **container,
            "image": f"mongo:{database['spec']['version']}",
            "env": [
                {"name": "MONGO_INITDB_ROOT_USERNAME", "value": "root"},
                {"name": "MONGO_INITDB_ROOT_PASSWORD_FILE", "value": "/secrets/mongo/root_password"},
            ],
            "readinessProbe": {"exec": {"command": ["mongosh"]}, "periodSeconds": 10, "timeoutSeconds": 10},
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            "volumeMounts": [
                {"name": claim["metadata"]["name"], "mountPath": "/data/db"},
                {"name": "passwords", "mountPath": "/secrets/mongo"},
                {"name": "first-start", "mountPath": "/docker-entrypoint-initdb.d"},
            ],
        }],
        "volumes": [
            {"name": "passwords", "secret": {"secretName": PASSWORDS}},
            {"name": "first-start", "configMap": {"name": START_FILE}},
        ],
    }  # fmt: skip


def _object(api: str, kind: str, name: str, **content: Any) -> Object:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, **content}
