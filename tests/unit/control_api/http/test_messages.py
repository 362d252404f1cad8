from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final, Literal

import pytest
from pydantic import AwareDatetime, Field, ValidationError
from pydantic_core._pydantic_core import list_all_errors

import control_api.app  # noqa: F401  # so that all requests are defined
from control_api.http.messages import PATTERNS, TEXTS, message
from control_api.http.schemas import DocumentedModel, RequestModel
from testkit.builders.messages import NOW

NO_DATE: Final = f"{NOW.year}-13-01"


class ExampleRequest(RequestModel):
    """A field of each kind."""

    flag: bool = False
    count: Annotated[int, Field(ge=1, le=9)] = 1
    share: float = 0.5
    name: Annotated[str, Field(min_length=2, max_length=3, pattern="^[a-z]+$")] = "ab"
    action: Literal["restart", "shutdown"] = "restart"
    names: Annotated[list[str], Field(min_length=1, max_length=2, default_factory=list)]
    at: AwareDatetime | None = None
    day: date | None = None


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("flag", "yes", "must be true or false"),
        ("count", "5", "must be a whole number"),
        ("count", 0, "must be at least 1"),
        ("count", 10, "must be at most 9"),
        ("share", "much", "must be a number"),
        ("name", 5, "must be a text"),
        ("name", "a", "must have at least 2 character(s)"),
        ("name", "abcd", "must have at most 3 characters"),
        ("name", "AB", "must be like ^[a-z]+$"),
        ("action", "explode", "must be 'restart' or 'shutdown'"),
        ("names", "a", "must be a list"),
        ("names", [], "must have at least 1 item(s)"),
        ("names", ["a", "b", "c"], "must have at most 2 items"),
        ("at", "soon", "must be a time such as 2026-11-23T10:00:00Z"),
        ("day", "tomorrow", "must be a date such as 2026-11-23"),
        ("day", NO_DATE, "must be a date such as 2026-11-23"),
        ("day", "2026-11-23T10:00:00Z", "must be a date such as 2026-11-23"),
        ("unheard_of", 1, "is not a known field"),
    ],
)
def test_a_field_is_explained_in_plain_words(field: str, value: Any, expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ExampleRequest.model_validate({field: value})
    assert [message(error) for error in caught.value.errors()] == [expected]


def test_a_body_of_another_kind_names_no_class() -> None:
    with pytest.raises(ValidationError) as caught:
        ExampleRequest.model_validate([])
    (error,) = caught.value.errors()
    assert message(error) == "must be an object"


def requests(kind: type[RequestModel] = RequestModel) -> Iterator[type[RequestModel]]:
    """Every kind of request that a route of the service takes."""
    for each in kind.__subclasses__():
        yield each
        yield from requests(each)


@pytest.mark.parametrize(
    "value", ["nonsense!", NO_DATE, "x" * 9999, -(10**9), 1.5, None, [], ["x!"], {"a": 1}], ids=repr
)
def test_no_field_of_any_request_is_only_not_valid(value: Any) -> None:
    """Whatever came, people read what was expected."""
    unexplained = set()
    for kind in requests():
        for name, field in kind.model_fields.items():
            try:
                kind.model_validate({field.alias or name: value})
            except ValidationError as error:
                unexplained |= {(kind.__name__, name) for each in error.errors() if message(each) == "is not valid"}
    assert unexplained == set()


def models(kind: type[DocumentedModel] = DocumentedModel) -> Iterator[type[DocumentedModel]]:
    """Every model of a body, a path or a query string that the service defines."""
    for each in kind.__subclasses__():
        if each.__module__.startswith("control_api."):
            yield each
            yield from models(each)


def patterns(schema: object) -> Iterator[str]:
    """Every pattern within a JSON schema."""
    for key, value in (
        schema.items() if isinstance(schema, dict) else enumerate(schema if isinstance(schema, list) else ())
    ):
        if key == "pattern" and isinstance(value, str):
            yield value
        else:
            yield from patterns(value)


def test_every_pattern_of_a_request_has_words() -> None:
    """ "at must match ^$|^([01]\\d|2[0-3]):[0-5]\\d$." says nothing to whoever reads it in Grafana."""
    asked = {pattern for kind in models() for pattern in patterns(kind.model_json_schema())}
    assert asked == set(PATTERNS)


def test_every_text_is_of_an_error_type_and_finds_its_facts() -> None:
    """A typing error here would be an exception while answering."""
    examples: dict[str, Any] = {error["type"]: error.get("example_context") or {} for error in list_all_errors()}
    examples |= {"text_misleading": {"character": "U+202E"}, "text_invisible": {}}  # our own
    assert set(TEXTS) <= set(examples)
    for kind in TEXTS:
        assert "{" not in message({"type": kind, "ctx": examples[kind]})
    assert message({"type": "unheard_of"}) == "is not valid"
