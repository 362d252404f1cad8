"""What the command line lets people say about a file can be said on the page Import, too, and through the API."""

import argparse
import re
from pathlib import Path
from typing import get_args

import pytest

import control_api
from control_api.imports.schemas import ImportQuery
from control_api.imports.service import FIELDS
from energytrack.importer.__main__ import parser
from energytrack.importer.choices import ALLOWED, PAIRS, Choices

WORDS = Path(control_api.__file__).parent / "web" / "static" / "page" / "imports" / "words.js"
OTHERWISE = {
    "help": "the page itself",
    "files": "the field File",
    "show": "Look at it",
    "yes": "Store",
    "list": "the list",
    "take_back": "Take back …",
    "reason": "Take back …",
    "profile": "the page remembers by the headings",
    "recording": "a recording is a folder on a computer",
    "prices": "a file next to the plant file",
    "run_to_failure": "of recordings",
    "failed_after": "of recordings",
    "horizon": "of recordings",
}
"""Flags that correct no reading of a file, and what is there instead."""
NAMED = {"machine": "devices", "signal": "signals", "vibration": "vibration_hz"}


def flags() -> set[str]:
    return {NAMED.get(each.dest, each.dest) for each in parser()._actions if each.dest not in OTHERWISE}


def on_the_page() -> dict[str, str]:
    """The fields of the page, each with what is written about it."""
    listed = dict(re.findall(r"^  (\w+): \{ (label: .*) \},$", WORDS.read_text(encoding="utf-8"), re.M))
    (sampled,) = re.findall(r"VIBRATION = \{ (\w+): ", WORDS.read_text(encoding="utf-8"))
    return {**listed, "device": "", sampled: ""}


def test_every_flag_that_corrects_a_reading_is_on_the_page() -> None:
    assert flags() - set(on_the_page()) == set()


def test_every_field_of_the_page_is_one_of_the_api() -> None:
    assert set(on_the_page()) == set(ImportQuery.model_fields) - {"name"}
    assert set(on_the_page()) == {*FIELDS, "what", "vibration_hz"}


def test_every_choice_can_be_said() -> None:
    """But for the one that is set by the command that evaluates."""
    assert set(Choices.__struct_fields__) - {"only_named"} == set(FIELDS)


@pytest.mark.parametrize("name", ALLOWED)
def test_what_may_be_chosen_is_the_same_everywhere(name: str) -> None:
    allowed = set(ALLOWED[name])
    annotation = ImportQuery.model_fields[name].annotation
    assert {value for part in get_args(annotation) for value in get_args(part)} == allowed
    (action,) = [each for each in parser()._actions if each.dest == name]
    assert action.choices is not None
    assert set(action.choices) == allowed
    written = on_the_page()[name]
    listed = re.findall(r'\["(.*?)", t\(', written) or re.findall(r'"(\w+)"', written.partition("options: [")[2])
    assert {each.replace("\\t", "\t") for each in listed} == allowed


def test_what_is_a_pair_is_one_on_the_page() -> None:
    assert {name for name, words in on_the_page().items() if "example:" in words} == set(PAIRS)


def test_a_flag_that_is_neither_here_nor_there_is_noticed() -> None:
    """The lists above are no longer than the flags."""
    dests = {each.dest for each in parser()._actions}
    assert set(OTHERWISE) | set(NAMED) <= dests
    assert isinstance(parser(), argparse.ArgumentParser)
