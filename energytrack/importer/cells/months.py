"""Dates whose month is a word, as digits."""

import re
from typing import Final

_MONTHS: Final = {
    word: number
    for number, words in enumerate(
        ("jan ene gen sty", "feb fév fev lut", "mar mär mrz maa", "apr avr abr kwi", "may mai mei mag maj",
         "jun juin giu cze", "jul juil lug lip", "aug aoû aou ago sie", "sep set wrz", "oct okt ott out paź paz",
         "nov lis", "dec dez déc dic gru"), 1)
    for word in words.split()
}  # fmt: skip
"""The first letters of months in English, German, French, Spanish, Italian, Portuguese, Dutch and Polish."""
_NAME: Final = r"(?P<name>[^\W\d_]{3,12})\.?"
_DAY_FIRST: Final = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})\.?[\s./-]*(?:de\s+)?{_NAME}[\s./,-]*(?:de[l]?\s+)?(?P<year>\d{{4}}|\d{{2}})(?!\d)"
)
_NAME_FIRST: Final = re.compile(rf"(?<![^\W_]){_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})(?!\d)")
_YEAR_FIRST: Final = re.compile(rf"(?<!\d)(?P<year>\d{{4}})[\s./-]+{_NAME}[\s./-]+(?P<day>\d{{1,2}})(?!\d)")


def numeric_month(cell: str) -> str:
    """The cell as year-month-day, if it is a date whose month is a word."""

    def numbers(found: re.Match[str]) -> str:
        word = found.group("name").lower()
        month = next((_MONTHS[word[:length]] for length in (4, 3) if word[:length] in _MONTHS), None)
        if month is None:
            return found.group(0)
        year = int(found.group("year"))
        return f"{year + 2000 if year < 100 else year}-{month:02d}-{found.group('day')}"

    for pattern in (_DAY_FIRST, _NAME_FIRST, _YEAR_FIRST):
        text = pattern.sub(numbers, cell)
        if text != cell:
            return text
    return cell
