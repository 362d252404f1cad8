"""What the page's modules say, wherever a call stands."""

from io import BytesIO

import pytest

from tools.languages.extraction import page_calls, template


def said(source: str) -> list[tuple[str, str | tuple[str, ...]]]:
    return [(call, sentence) for _, call, sentence, _ in page_calls(BytesIO(source.encode()), (), (), {})]


def test_calls_within_calls_and_templates_are_found() -> None:
    source = 'x(`a ${t("one")} b`, t("two {a}", { a: tn("{n} day", "{n} days", 3) }), tc("state",\n  "idle"));'
    assert said(source) == [
        ("t", "one"), ("t", "two {a}"), ("tn", ("{n} day", "{n} days")), ("tc", ("state", "idle")),
    ]  # fmt: skip


def test_a_sentence_may_be_long_and_its_definition_is_none() -> None:
    assert said('t("one " + "two"); // t(x)\nexport function t(sentence) {}\nset("no"); a.t(b);') == [("t", "one two")]


def test_a_sentence_has_to_be_written_out() -> None:
    with pytest.raises(ValueError, match="needs its sentence in quotes"):
        said("t(name)")


def test_what_services_tell_is_in_the_template() -> None:
    assert template().get("{device_id} has failed", context="told") is not None
