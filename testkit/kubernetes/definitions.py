"""The operators' own definitions of their objects, from the Go modules that they are released as, and what breaks them.

Strimzi is written in Java: its definitions are in no module.
"""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

WANTED: Final = "ENERGYTRACK_KUBERNETES"
"""With this variable, tests download what is not in the cache."""
CACHE: Final = "ENERGYTRACK_KUBERNETES_CACHE"
"""Names another folder for what is downloaded."""
MODULES: Final = {
    "github.com/prometheus-operator/prometheus-operator": ("0.85.0", "example/prometheus-operator-crd"),
    "github.com/grafana/grafana-operator/v5": ("5.19.4", "config/crd/bases"),
    "github.com/mongodb/mongodb-kubernetes-operator": ("0.13.0", "config/crd/bases"),
    "github.com/kedacore/keda/v2": ("2.17.2", "config/crd/bases"),
}
"""The version of each operator, and the folder of its module with definitions."""
DOWNLOAD_SECONDS: Final = 600
Schema = Mapping[str, Any]


class CannotDownload(Exception):
    """Go could not download a module; the message is what it said."""


class ObjectKind(NamedTuple):
    """As an object names it."""

    api_version: str
    kind: str


class _DefinitionLoader(yaml.CSafeLoader):
    """Reads `=` as text: YAML 1.1 has a meaning for it that nobody uses."""


_DefinitionLoader.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)


def cached() -> Path:
    """The folder of these versions' definitions, downloaded or not."""
    home = Path(os.environ.get(CACHE) or Path.home() / ".cache/energytrack/kubernetes")
    return home / "-".join(["definitions", *(version for version, _ in MODULES.values())])


def why_missing() -> str:
    """Why there are no definitions here, and what brings them; empty if they are there, or can be had."""
    if cached().exists():
        return ""
    if WANTED not in os.environ:
        return "the operators' definitions are downloaded by `make test-kubernetes`, with Go, once"
    return "" if shutil.which("go") else "the operators' definitions are downloaded by Go, which is not installed"


def download(into: Path) -> None:
    """Bring them, unless they are there; raises CannotDownload. Who comes meanwhile waits."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with into.with_name(f"{into.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if into.exists():
            return
        unfinished = into.with_name(f"{into.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        for name, (version, folder) in MODULES.items():
            for file in sorted((_downloaded(f"{name}@v{version}") / folder).glob("*.yaml")):
                shutil.copyfile(file, unfinished / file.name)
        unfinished.replace(into)


def schemas(folder: Path) -> dict[ObjectKind, Schema]:
    """The schema of each kind of object, in all files of a folder. A field that it does not name breaks it."""
    found: dict[ObjectKind, Schema] = {}
    for file in sorted(folder.glob("*.yaml")):
        for each in yaml.load_all(file.read_text(encoding="utf-8"), _DefinitionLoader):
            if each and each["kind"] == "CustomResourceDefinition":
                for version in each["spec"]["versions"]:
                    kind = ObjectKind(f"{each['spec']['group']}/{version['name']}", each["spec"]["names"]["kind"])
                    found[kind] = _strict(version["schema"]["openAPIV3Schema"], top=True)
    return found


def problems(schema: Schema, content: Mapping[str, Any]) -> Iterator[str]:
    """A line for each thing in an object that its definition does not allow."""
    import jsonschema  # it compiles a grammar, for three seconds: not in every process that collects a test

    for problem in jsonschema.Draft7Validator(schema).iter_errors(content):
        yield f"{content['kind']} {content['metadata']['name']}: {problem.json_path}: {problem.message}"


def _strict(schema: Schema, *, top: bool = False) -> Schema:
    """The same as JSON Schema: closed to unknown fields, as an API server is, and without Kubernetes' own words."""
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    made = dict(schema)
    if "properties" in schema:
        made["properties"] = {name: _strict(each) for name, each in schema["properties"].items()}
        if top:
            made["properties"]["metadata"] = {"type": "object"}  # the server's own
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made.setdefault("additionalProperties", False)
    for part in ("items", "additionalProperties"):
        if isinstance(made.get(part), dict):
            made[part] = _strict(made[part])
    for part in ("allOf", "anyOf", "oneOf", "not"):
        made.pop(part, None)  # they repeat some fields only, and would now refuse all others
    if schema.get("nullable"):
        made["type"] = [schema["type"], "null"]
    return made


def _downloaded(module: str) -> Path:
    done = subprocess.run(
        ("go", "mod", "download", "-json", module), capture_output=True, text=True, check=False,
        timeout=DOWNLOAD_SECONDS, cwd="/", env={**os.environ, "GOFLAGS": "-mod=mod"},
    )  # fmt: skip
    if done.returncode:
        raise CannotDownload(f"{module}:\n{(done.stdout + done.stderr)[-2000:]}")
    return Path(json.loads(done.stdout)["Dir"])
