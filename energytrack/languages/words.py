"""The sentences, numbers and dates of a language: sentences from catalogues, numbers and dates by CLDR (babel)."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final, get_args

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.support import NullTranslations, Translations

from energytrack.plant.file import Language

FOLDER: Final = Path(__file__).with_name("catalogues")
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
LOCALES: Final[dict[Language, str]] = {"en": "en_GB", "de": "de_DE", "es": "es_ES", "fr": "fr_FR", "pl": "pl_PL"}
"""English with the day before the month, as in Europe."""
NAMES: Final[dict[Language, str]] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "pl": "Polski",
}
"""Each language as those who speak it call it."""
NO_BREAK: Final = "\u00a0"
MINUS: Final = "\u2212"
DASH: Final = "\u2013"
"""Between two numbers."""


class Words:
    """Translates for reports, mails and pages: called with an English sentence and the values of its `{gaps}`."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.locale = Locale.parse(LOCALES[language])
        self._catalogue = _translations(language)

    def __call__(self, sentence: str, **named: object) -> str:
        return self._catalogue.gettext(sentence).format(**named)

    def count(self, one: str, many: str, number: int, **named: object) -> str:
        """A sentence about a `{number}` of things."""
        text = self._catalogue.ngettext(one, many, number)
        return text.format(number=self.number(number), **named)

    def meaning(self, context: str, sentence: str) -> str:
        """A sentence by its context: "failed" may be said of a machine or of an order."""
        return str(self._catalogue.pgettext(context, sentence))

    @property
    def unknown(self) -> str:
        """The word for an unknown value, which is never shown as zero."""
        return self("not known")

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with this many decimals."""
        if value is None:
            return self.unknown
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, pattern, self.locale, group_separator=True)

    def with_unit(self, value: float | None, unit: str, digits: int = 0) -> str:
        """`1,234 kWh`, with a no-break space."""
        return self.unknown if value is None else f"{self.number(value, digits)}{NO_BREAK}{unit}"

    def money(self, value: float | None, currency: str) -> str:
        """An amount of money with its currency, to the cent."""
        return self.unknown if value is None else format_currency(value, currency, locale=self.locale)

    def amount(self, value: float | None) -> str:
        """An amount to the cent, for a column whose heading names the currency."""
        return self.number(value, 2)

    def percent(self, ratio: float | None, digits: int = 1) -> str:
        """A ratio as a percentage."""
        if ratio is None:
            return self.unknown
        space = "" if self.language == "en" else NO_BREAK
        return format_percent(ratio, "#,##0" + ("." + "0" * digits if digits else "") + space + "%", self.locale)

    def month(self, day: date) -> str:
        """`October 2026`."""
        return _capital(format_date(day, _month_pattern(self.language), self.locale))

    def month_name(self, day: date) -> str:
        """`Oct`."""
        return format_date(day, "LLL", self.locale)

    def day(self, day: date) -> str:
        """`12 October 2026`."""
        return format_date(day, "long", self.locale)

    def day_of_year(self, day: date) -> str:
        """`12 October`."""
        return format_skeleton("MMMMd", day, locale=self.locale)

    def short_day(self, day: date) -> str:
        """`Thu 15 Oct`."""
        return format_date(day, "EEE d MMM", self.locale)

    def weekday(self, day: date) -> str:
        """The first letter or two of the weekday."""
        return format_date(day, "EEEEEE", self.locale)

    def clock(self, moment: datetime) -> str:
        """`10:15`."""
        return format_time(moment, "HH:mm", locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """`15 Oct 2026, 10:15`, in the time's own zone."""
        return format_datetime(moment, "d MMM y, HH:mm", locale=self.locale)


@cache
def words_of(language: Language) -> Words:
    """The `Words` of a language, read once."""
    return Words(language)


@cache
def offered() -> tuple[Language, ...]:
    """The languages that are offered: English, and those whose catalogue is complete."""
    return tuple(language for language in LANGUAGES if language == "en" or not untranslated(catalogue(language)))


def untranslated(catalogue: Catalog) -> list[str]:
    """The sentences that a catalogue does not translate."""
    return [str(each.id) for each in catalogue if each.id and (each.fuzzy or not all(forms(each.string)))]


def forms(translations: str | Iterable[str] | None) -> tuple[str, ...]:
    """A translation, or one for each of the language's plural forms; empty if it is missing."""
    return (translations,) if isinstance(translations, str) else tuple(translations or ("",))


def catalogue(language: Language) -> Catalog:
    """A language's catalogue, read from its file."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=LOCALES[language])


def _translations(language: Language) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


def _month_pattern(language: Language) -> str:
    return "LLLL 'de' y" if language == "es" else "LLLL y"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
