"""Text as a table of cells: separator, preamble, headings, totals."""

import csv
import io
import re
import warnings
from collections import Counter
from typing import Final, NamedTuple

import pandas as pd

from energytrack.importer.cells.headings import VALUE, for_the_longest_day, heading_of, headings_in, unique_names
from energytrack.importer.cells.totals import says_sum
from energytrack.importer.choices import Choices, FileFinding, NotProved, UnreadableFile

_BAD_LINE: Final = re.compile(r"Skipping line (\d+): (expected \d+ fields, saw \d+)")
SEPARATORS: Final = (";", "\t", ",", "|")
SHOWN: Final = {"\t": "tab"}
SPACES: Final = " "
"""As a separator: any number of spaces and tabs, as in aligned columns."""
LINES: Final = 400
MOST_COLUMNS: Final = 16_384
"""Of a spreadsheet."""
MOST_SPARSE: Final = 8_000_000
"""How many cells a table may have although its text is shorter: an empty one takes eight bytes."""
LEAST_EVEN: Final = 0.9
LEAST_VALUES: Final = 0.5
"""The shares of lines that spaces divide evenly, and of cells that are values, for spaces to be separators."""
_TOTAL: Final = re.compile(
    r"^\W*(gesamt|summe|total|totaal|totale|sum|suma|somma|summa|razem|celkem|ergebnis|subtotal|moyenne|mittelwert)",
    re.I,
)
_SPACES: Final = re.compile(r"[^\S\r\n]+")
_LINE_ENDS: Final = re.compile(r"^ | $|(?<=\n) | (?=\r?\n)")
_SEP: Final = re.compile(r"^\ufeff?\"?sep=(.)\"?\s*$", re.I)


class TextTable(NamedTuple):
    """Headings and cells, all of them texts; an empty cell is an empty text."""

    headings: tuple[str, ...]
    cells: pd.DataFrame
    """Columns are 0, 1, …; rows are those of the file below the headings."""
    findings: tuple[FileFinding, ...] = ()
    totals: tuple[tuple[str, ...], ...] = ()
    """Rows that claim to be sums; they are not in `cells`."""


def sheet_of(text: str, choices: Choices, name: str) -> TextTable:
    """The table in a text; raises NotProved or UnreadableFile."""
    text = text.lstrip("\ufeff")
    directive = _SEP.match(text.partition("\n")[0].rstrip("\r"))
    if directive:
        text = text.partition("\n")[2]
        choices_separator, why = directive.group(1), "the first line says so (sep=)"
    else:
        choices_separator, why = choices.separator or "", "as given"
    lines = _first_lines(text)
    if not any(line.strip() for line in lines):
        raise UnreadableFile(name, "it is empty")
    if choices_separator:
        separator = choices_separator
    else:
        separator, why = _separator(lines, name)
    if separator == SPACES:
        text = _evenly_spaced(text)
        lines = _first_lines(text)
    rows = _cut(lines, separator, name)
    heading, width = heading_of(rows)
    names, above = headings_in(rows, heading)
    _check_size(text, max(width, len(names)), name)
    counted = len(names)
    names = for_the_longest_day(names)
    skipped = _raw_lines(lines, separator, heading + 1)
    start = sum(map(len, lines[:skipped]))
    try:
        with warnings.catch_warnings(record=True, category=pd.errors.ParserWarning) as warned:
            warnings.simplefilter("always", pd.errors.ParserWarning)
            cells = pd.read_csv(
                _TextPieces(text, start), sep=separator, header=None, names=range(max(width, len(names))), dtype=str,
                keep_default_na=False, na_filter=False, skip_blank_lines=True, index_col=False, on_bad_lines="warn",
                engine="c",
            )  # fmt: skip
    except pd.errors.ParserError as error:
        raise UnreadableFile(name, f"it cannot be split into cells: {str(error).strip()}") from error
    findings = [FileFinding("separator", separator, why)]
    if bad := [line for each in warned for line in _BAD_LINE.findall(str(each.message))]:
        number, what = bad[0]
        example = f"line {int(number) + skipped}: {what}"
        why = f"{len(bad)} lines have more cells than the table has columns, and are left out: {example}"
        findings.append(FileFinding("rows", str(len(bad)), why))
    if above > 0:
        findings.append(FileFinding("preamble", str(above), f"{above} lines above the headings are left out"))
    if heading < 0:
        names = [f"column {i + 1}" for i in range(width)]
        findings.append(FileFinding("headings", "none", "the first line already has values"))
    while cells.shape[1] > max(width, counted) and not cells[cells.shape[1] - 1].any():
        cells = cells.drop(columns=cells.shape[1] - 1)
    sheet = TextTable(unique_names(names, cells.shape[1]), cells, tuple(findings))
    return without_totals(sheet)


def _cut(lines: list[str], separator: str, name: str) -> list[list[str]]:
    """The cells of some lines; raises UnreadableFile."""
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error as error:  # a quotation mark that is never closed makes one cell of everything after it
        raise UnreadableFile(name, f"it cannot be split into cells: {error}") from error


def _check_size(text: str, width: int, name: str) -> None:
    """Raises UnreadableFile if short lines would become a table of many more cells than the file has.

    A cell that exists takes one letter at least, its separator.
    """
    cells = width * (text.count("\n") + 1)
    if width > MOST_COLUMNS or cells > max(MOST_SPARSE, len(text) + width):
        raise UnreadableFile(
            name, f"its rows would have {width:,} columns each, {cells:,} cells, most of them empty: split it"
        )


class _TextPieces(io.TextIOBase):
    """A text as a file that is read in pieces: `io.StringIO` would copy it, at four bytes a letter."""

    def __init__(self, text: str, start: int = 0) -> None:
        self._text = text
        self._at = start

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        """The next `size` letters, or all that are left."""
        end = len(self._text) if size is None or size < 0 else self._at + size
        piece, self._at = self._text[self._at : end], end
        return piece


def _first_lines(text: str) -> list[str]:
    end = 0
    for _ in range(LINES):
        end = text.find("\n", end) + 1
        if end == 0:
            return list(io.StringIO(text))
    return list(io.StringIO(text[:end]))


def separator_of(sheet: TextTable) -> str:
    """The separator of the sheet's file."""
    return next((finding.value or "," for finding in sheet.findings if finding.what == "separator"), ",")


def without_totals(sheet: TextTable) -> TextTable:
    """The sheet without empty rows and rows of sums."""
    cells = sheet.cells
    tail = cells.index[-5:].union(cells.index[:0])
    last = cells.loc[tail]
    total = last.apply(lambda row: any(_TOTAL.match(cell) for cell in row if isinstance(cell, str)), axis=1)
    filled = cells.iloc[:, 0] != ""
    for i in range(1, cells.shape[1]):
        if filled.all():
            break
        filled |= cells.iloc[:, i] != ""
    drop = list(last.index[total]) if len(last) else []
    findings = sheet.findings
    if drop:
        shown = " ".join(cell for cell in cells.loc[drop[0]] if cell)[:60]
        findings = (*findings, FileFinding("totals", str(len(drop)), f"rows with totals are left out: {shown!r}"))
    kept = cells[filled].drop(index=drop)
    totals = tuple(
        tuple(row) for row in cells.loc[drop].itertuples(index=False) if any(says_sum(str(cell)) for cell in row)
    )
    return sheet._replace(cells=kept if len(kept) < len(cells) else cells, findings=findings, totals=totals)


def _scores(lines: list[str], name: str) -> dict[str, tuple[float, int]]:
    """The share of lines that each separator divides into the same number of cells, at least two, and that number."""
    scores: dict[str, tuple[float, int]] = {}
    uncut: list[UnreadableFile] = []
    for separator in SEPARATORS:
        try:
            counts = Counter(len(row) for row in _cut(lines, separator, name) if any(row))
        except UnreadableFile as error:  # a long line is one cell where this sign is not the separator
            uncut.append(error)
            continue
        width, rows = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(0, 0))
        if width > 1:
            scores[separator] = (rows / sum(counts.values()), width)
    if uncut and not scores:
        raise uncut[0]
    return scores


def _separator(lines: list[str], name: str) -> tuple[str, str]:
    """The separator that divides most lines into the same number of cells, at least two; and why."""
    scores = _scores(lines, name)
    if not scores:
        if found := _columns_of_numbers(lines):
            return SPACES, f"spaces cut {found[0]:.0%} of the lines into {found[1]} columns, and no other sign does"
        raise NotProved("separator", "no separator divides the lines into columns")
    best = max(scores.values())[0]
    good = {separator: score for separator, score in scores.items() if score[0] >= 0.9 * best}
    if "|" in good and max(width for _, width in good.values()) > good["|"][1]:  # a bar within cells: BZN|DE-LU
        del good["|"]
    if "," in good and len(good) > 1:  # it divides cells with a decimal comma, too
        del good[","]
    if len(good) > 1:
        raise NotProved("separator", f"several separators divide the lines evenly: {' '.join(map(repr, good))}")
    ((separator, (share, width)),) = good.items()
    return separator, f"it cuts {share:.0%} of the lines into {width} columns"


def _columns_of_numbers(lines: list[str]) -> tuple[float, int] | None:
    """The share of lines that spaces divide into the same number of cells, and that number; None for prose."""
    cut = [line.split() for line in lines if line.strip()]
    width, rows = Counter(map(len, cut)).most_common(1)[0]
    values = [bool(VALUE.match(cell)) for line in cut if len(line) == width for cell in line]
    if width < 2 or rows < LEAST_EVEN * len(cut) or sum(values) < LEAST_VALUES * len(values):
        return None
    return rows / len(cut), width


def _evenly_spaced(text: str) -> str:
    """The text with one space between cells, and none at the ends of lines."""
    return _LINE_ENDS.sub("", _SPACES.sub(" ", text))


def _raw_lines(lines: list[str], separator: str, rows: int) -> int:
    """How many lines of the text the first `rows` rows take; a quoted cell may contain line ends."""
    reader = csv.reader(lines, delimiter=separator)
    for _ in range(rows):
        next(reader)
    return reader.line_num
