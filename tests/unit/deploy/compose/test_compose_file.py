"""compose.yaml: valid, and what can be set in it is what it says."""

import json
from importlib.resources import files

import pytest

from tests.unit.deploy.compose_file import (
    described,
    promised,
    variables,
)


@pytest.mark.slow
def test_the_file_follows_the_compose_specification() -> None:
    import jsonschema  # it compiles a grammar, for three seconds: not in every process that collects this file

    schema = json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())
    problems = jsonschema.validators.validator_for(schema)(schema).iter_errors(described())
    assert [(list(problem.path), problem.message) for problem in problems] == []


def test_what_can_be_set_is_what_the_opening_comment_says() -> None:
    assert variables() == promised()
