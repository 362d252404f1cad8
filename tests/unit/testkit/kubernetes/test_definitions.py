"""How the definitions of operators are read, and what breaks one."""

from pathlib import Path
from typing import Any

import pytest

from testkit.kubernetes import definitions
from testkit.kubernetes.definitions import ObjectKind, Schema, problems, schemas, why_missing

LAMP = ObjectKind("lights.example/v1", "Lamp")
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: lamps.lights.example }
spec:
  group: lights.example
  names: { kind: Lamp, plural: lamps }
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            apiVersion: { type: string }
            kind: { type: string }
            metadata: { type: object }
            spec:
              type: object
              required: [watts]
              properties:
                watts: { type: integer }
                port: { x-kubernetes-int-or-string: true, anyOf: [{ type: integer }, { type: string }] }
                compare: { type: string, enum: [=, "!="] }
                label: { type: string, nullable: true }
                labels: { type: object, additionalProperties: { type: string } }
                parts: { type: array, items: { type: object, properties: { name: { type: string } } } }
                raw: { type: object, x-kubernetes-preserve-unknown-fields: true }
"""


@pytest.fixture(scope="module")
def lamp(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    folder = tmp_path_factory.mktemp("definitions")
    (folder / "lamps.yaml").write_text(DEFINITION, encoding="utf-8")
    (folder / "kustomization.yaml").write_text("kind: Kustomization\n", encoding="utf-8")
    found = schemas(folder)
    assert set(found) == {LAMP}
    return found[LAMP]


def a_lamp(**spec: Any) -> dict[str, Any]:
    named = {"name": "desk", "namespace": "x", "labels": {"a": "b"}}
    return {"apiVersion": LAMP.api_version, "kind": LAMP.kind, "metadata": named, "spec": {"watts": 5, **spec}}


@pytest.mark.parametrize(
    "spec",
    [{}, {"port": 80}, {"port": "http"}, {"label": None}, {"labels": {"any": "text"}}, {"raw": {"any": [1]}},
     {"parts": [{"name": "foot"}]}, {"compare": "="}],
)  # fmt: skip
def test_what_is_defined_is_taken(lamp: Schema, spec: dict[str, Any]) -> None:
    assert list(problems(lamp, a_lamp(**spec))) == []


@pytest.mark.parametrize(
    ("spec", "where", "said"),
    [
        ({"colour": "red"}, "$.spec", "'colour' was unexpected"),
        ({"watts": "5"}, "$.spec.watts", "'5' is not of type 'integer'"),
        ({"port": 1.5}, "$.spec.port", "1.5 is not of type"),
        ({"compare": "~"}, "$.spec.compare", "'~' is not one of"),
        ({"labels": {"any": 1}}, "$.spec.labels.any", "1 is not of type 'string'"),
        ({"parts": [{"colour": "red"}]}, "$.spec.parts[0]", "'colour' was unexpected"),
    ],
)
def test_what_breaks_it_is_named_with_its_place(lamp: Schema, spec: dict[str, Any], where: str, said: str) -> None:
    (problem,) = problems(lamp, a_lamp(**spec))
    assert problem.startswith(f"Lamp desk: {where}: ")
    assert said in problem


def test_what_is_missing_is_named(lamp: Schema) -> None:
    without = a_lamp()
    del without["spec"]["watts"]
    (problem,) = problems(lamp, without)
    assert "'watts' is a required property" in problem


def test_an_object_has_no_parts_beside_those_of_its_kind(lamp: Schema) -> None:
    (problem,) = problems(lamp, {**a_lamp(), "specification": {}})
    assert "'specification' was unexpected" in problem


def test_a_test_says_why_it_is_skipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(definitions.CACHE, str(tmp_path))
    monkeypatch.delenv(definitions.WANTED, raising=False)
    assert "make test-kubernetes" in why_missing()
    monkeypatch.setenv(definitions.WANTED, "1")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Go, which is not installed" in why_missing()
    definitions.cached().mkdir()
    assert why_missing() == ""
