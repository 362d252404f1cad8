"""The words of the report's languages: every sentence is in every catalogue, with the same gaps to fill."""

import re
from datetime import date

import pytest

from energytrack.languages.words import LANGUAGES, catalogue, forms, untranslated, words_of
from energytrack.plant.file import Language
from testkit.dates import CLOCKS_BACK

WORD = re.compile(r"(?<!{)\b[A-Za-z]{3,}\b(?!})")
TRANSLATED = [language for language in LANGUAGES if language != "en"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language: Language) -> None:
    assert len(list(catalogue(language))) > 900
    assert untranslated(catalogue(language)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_sentence_was_left_in_english(language: Language) -> None:
    """Single words may be the same in two languages, sentences are not."""
    same = [
        message.id
        for message in catalogue(language)
        if isinstance(message.id, str) and message.string == message.id and len(WORD.findall(message.id)) > 3
    ]
    assert same == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_gaps_of_the_sentence(language: Language) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        english = message.id if isinstance(message.id, str) else message.id[-1]
        for written in filter(None, forms(message.string)):
            assert sorted(re.findall(r"{\w*}", written)) == sorted(re.findall(r"{\w*}", english)), written


def test_plurals_are_those_of_the_language() -> None:
    polish = words_of("pl")
    one, many = (
        "{number} machine used {kwh}; by the contract this costs {money}.",
        "{number} machines used {kwh}; by the contract this costs {money}.",
    )
    forms = [polish.count(one, many, number, kwh="k", money="m").split()[1] for number in (1, 3, 5, 22)]
    assert forms == ["maszyna", "maszyny", "maszyn", "maszyny"]


@pytest.mark.parametrize(
    ("language", "number", "money", "percent"),
    [
        ("en", "1,234.50", "€1,234.50", "12.3%"),
        ("de", "1.234,50", "1.234,50 €", "12,3 %"),
        ("es", "1.234,50", "1.234,50 €", "12,3 %"),
        ("fr", "1 234,50", "1 234,50 €", "12,3 %"),
        ("pl", "1 234,50", "1 234,50 €", "12,3 %"),
    ],
)
def test_numbers_are_written_as_in_the_language(language: Language, number: str, money: str, percent: str) -> None:
    t = words_of(language)
    written = (t.number(1234.5, 2), t.money(1234.5, "EUR"), t.percent(0.123))
    assert tuple(re.sub(r"\s", " ", each) for each in written) == (number, money, percent)


def test_what_is_not_known_is_not_zero() -> None:
    t = words_of("en")
    written = {t.number(None), t.money(None, "EUR"), t.percent(None), t.with_unit(None, "kWh")}
    assert written == {"not known"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_months_stand_alone(language: Language) -> None:
    """Polish says *październik*, not *października*, where the day is not named."""
    written = words_of(language).month(date(CLOCKS_BACK.year, 10, 1))
    first = {"en": "October", "de": "Oktober", "es": "Octubre", "fr": "Octobre", "pl": "Październik"}
    assert written.split()[0] == first[language]
