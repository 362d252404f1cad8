"""What is shown is what was sent."""

import pytest
from pydantic import ValidationError

from control_api.http.problems import answer_invalid
from control_api.http.schemas import RequestWithReason
from control_api.http.texts import texts_in


def complaint(reason: str) -> str:
    with pytest.raises(ValidationError) as refused:
        RequestWithReason(reason=reason)
    return str(answer_invalid(refused.value).json["detail"])  # type: ignore[index]


@pytest.mark.parametrize(
    ("reason", "character"),
    [("a\x00b", "U+0000"), ("\x1b[2J", "U+001B"), ("press \u202egnp.7", "U+202E"), ("a\u2066b", "U+2066")],
)  # fmt: skip
def test_a_text_that_looks_like_another_is_refused(reason: str, character: str) -> None:
    assert character in complaint(reason)
    assert complaint(reason).startswith("reason must not have the invisible character")


@pytest.mark.parametrize("reason", ["\u200b", "\u200b\u2060", "\ufeff"])
def test_a_reason_that_nobody_sees_is_none(reason: str) -> None:
    assert complaint(reason) == "reason must have a visible character."


@pytest.mark.parametrize("reason", ["Überlast, 90 °C", "tab\tand\nline", "ץ\u200e 5", "🔧", "naïve", "👩\u200d🔧"])
def test_what_people_write_is_kept(reason: str) -> None:
    assert RequestWithReason(reason=reason).reason == reason


def test_texts_are_found_within_lists_and_objects() -> None:
    assert list(texts_in({"a": ["b", ("c", 1)], "d": {"e": None}})) == ["a", "b", "c", "d", "e"]
