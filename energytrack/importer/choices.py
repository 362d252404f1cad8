"""What is decided about a file: proved by its content, or given by a person: by a flag, on the page, in a profile."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import tomli_w
from msgspec import Meta, Struct

from energytrack.errors import EnergyTrackError
from energytrack.fields import DeviceId

What = Literal["auto", "energy", "readings", "parts", "prices"]
"""Which of a file's contents are stored; `auto`: all of a machine's, prices where a file has only these."""


class Choices(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A person's choices about a file; None where the file itself decides. A profile is one of these, as TOML."""

    encoding: str | None = None
    """Such as utf-8 or cp1252."""
    separator: str | None = None
    """One of `;`, `,`, tab and `|`; a space stands for any number of them."""
    decimal: str | None = None
    """`.` or `,`."""
    date_order: str | None = None
    """`dmy`, `mdy` or `ymd`; `1904` where dates are counts of days since then, as in spreadsheets of some Macs."""
    zone: str | None = None
    """The IANA zone of times that have none, such as Europe/Berlin or UTC."""
    labels: str | None = None
    """`begin` or `end`: which end of its interval a row is labelled with."""
    values: str | None = None
    """`interval` or `register`: energy of each interval, or a meter's cumulative register."""
    unit: str | None = None
    """The unit of the energy, where the headings do not say it, or say it wrongly: Wh, kWh, MJ, kW and so on."""
    amounts: str | None = None
    """`as_stated` where energy is right although its machine can hardly have used it; else that is asked about."""
    device: str | None = None
    """The machine that the whole file is of."""
    devices: Mapping[str, str] = {}
    """Machine by the name that the file has for it: a meter's number, a column's heading."""
    signals: Mapping[str, str] = {}
    """Signal by column, where the name that was found is not the one wanted; an empty one leaves the column out."""
    columns: str | None = None
    """A pattern such as `Temp*`: only these columns are signals."""
    only_named: bool = False
    """Columns that `signals` does not name are left out, but temperature, pressure and current."""
    time_column: str | None = None
    """The column with the time, where several could be it."""
    starts: Annotated[datetime, Meta(tz=True)] | None = None
    """When the lowest count of the time column, or the first of numbered files, was."""
    every_seconds: Annotated[float, Meta(gt=0, lt=1e9)] | None = None
    """How long one count, or one numbered file, is after the other."""
    device_column: str | None = None
    """The column with the machine of each row."""
    parts: str | None = None
    """The column that counts parts; an empty one where none does."""
    price: str | None = None
    """The column with the price of a kilowatt hour, where several could be it; an empty one where none is."""
    price_unit: str | None = None
    """Of how much energy it is the price, where no heading says it: `per kWh`, `per MWh`, `ct/kWh`."""
    emissions: str | None = None
    """The column with the emission factor of the grid, where several could be it."""
    market: str | None = None
    """The `market_prices` of the contract that the prices are, where it has several."""
    parts_values: str | None = None
    """`interval`, `register` or `lots`: parts of each interval, a cumulative counter, or each row a finished lot."""
    scrap: str | None = None
    """The column that counts rejected parts; an empty one where none does."""


FLAGS: Final = {
    "encoding": "--encoding cp1252",
    "separator": "--separator ';'",
    "decimal": "--decimal ,",
    "date_order": "--date-order dmy",
    "zone": "--zone Europe/Berlin",
    "labels": "--labels begin",
    "values": "--values interval",
    "unit": "--unit kWh",
    "amounts": "--amounts as_stated",
    "device": "--device cnc-0007",
    "columns": "--columns 'Temp*'",
    "signals": "--signal COLUMN=",
    "devices": "--machine NAME=press-0001",
    "time_column": "--time-column NAME",
    "parts": "--parts NAME",
    "parts_values": "--parts-values interval",
    "scrap": "--scrap NAME",
    "price": "--price NAME",
    "price_unit": "--price-unit 'per MWh'",
    "emissions": "--emissions NAME",
    "market": "--market spot-2027.csv",
}
"""What to add to the command for a choice, with an example."""
ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "separator": (";", ",", "\t", "|", " "),
    "decimal": (".", ","),
    "date_order": ("dmy", "mdy", "ymd", "1904"),
    "labels": ("begin", "end"),
    "values": ("interval", "register"),
    "unit": ("Wh", "kWh", "MWh", "GWh", "MJ", "GJ", "W", "kW", "MW"),
    "amounts": ("check", "as_stated"),
    "parts_values": ("interval", "register", "lots"),
    "price_unit": ("per kWh", "per MWh", "ct/kWh"),
}
UNITS: Final = {unit.lower(): unit for unit in ALLOWED["unit"]}
"""How units of energy and power are written, by how they are compared."""


class FileFinding(Struct, frozen=True):
    """One thing that was found out about a file, and the reason."""

    what: str
    """A field of `Choices`, or a word such as `rows`."""
    value: str | None
    """None where it is not proved."""
    why: str


@dataclass(eq=False)
class UnreadableFile(EnergyTrackError):
    """A file that cannot be understood with any choice."""

    name: str
    problem: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}"


@dataclass(eq=False)
class NotProved(EnergyTrackError):
    """Something about a file that it does not prove; a person has to say it."""

    what: str
    """A field of `Choices`."""
    problem: str
    """Why the file does not answer it."""
    suggestion: str | None = None
    """What is likely, but not proved."""
    options: tuple[str, ...] = ()
    """What it may be, where that depends on the plant."""

    @property
    def flag(self) -> str:
        """What to add to the command."""
        name, _, example = FLAGS.get(self.what, f"--{self.what.replace('_', '-')} …").partition(" ")
        return f"{name} {example if self.suggestion is None else _quoted(self.suggestion)}"

    def __str__(self) -> str:
        return f"{self.problem}{': ' if self.options else ''}{', '.join(self.options)}. Use: {self.flag}"


def _quoted(word: str) -> str:
    """A word as a shell takes it."""
    return word if re.fullmatch(r"[\w./,;:=+-]+", word) and word != ";" else f"'{word}'"


def read_profile(path: Path) -> Choices:
    """The choices that were kept; raises UnreadableFile."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Choices)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableFile(str(path), f"it is not an import profile: {error}") from error


def write_profile(path: Path, choices: Choices) -> None:
    """Keep choices for the next file of the same kind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tomli_w.dumps(msgspec.to_builtins(choices)), encoding="utf-8")


PAIRS: Final[Mapping[str, str]] = {"devices": "NAME=MACHINE", "signals": "COLUMN=SIGNAL"}
"""Choices that say a word for each of several names, and the form of such a pair."""


def pair_of(text: str, form: str) -> tuple[str, str]:
    """The two words of a pair such as NAME=MACHINE, cut at the last sign, as headings may have one.

    Raises ValueError with what is expected.
    """
    name, sign, word = (each.strip() for each in text.rpartition("="))
    if not sign or not name:
        raise ValueError(f"expected {form}, got {text[:80]!r}")
    if form.endswith("=MACHINE"):
        try:
            msgspec.convert(word, DeviceId)
        except msgspec.ValidationError as error:
            allowed = "a letter or digit, then letters, digits and . _ : - up to 64"
            raise ValueError(f"expected {form}, where MACHINE is {allowed}, got {text[:80]!r}") from error
    return name, word


def with_answer(choices: Choices, what: str, answer: str) -> Choices:
    """The choices with a person's answer to one of them; raises ValueError for a pair that is none."""
    if what not in PAIRS:
        return msgspec.structs.replace(choices, **{what: answer})
    name, word = pair_of(answer, PAIRS[what])
    return msgspec.structs.replace(choices, **{what: {**getattr(choices, what), name: word}})


def settled(choices: Choices, findings: tuple[FileFinding, ...]) -> Choices:
    """The choices with all that was proved: what the next file of this kind is read with, whenever that `starts`."""
    proved = {
        each.what: each.value
        for each in findings
        if each.what in FLAGS and each.value is not None and each.value in ALLOWED.get(each.what, (each.value,))
    }  # what dates count, such as seconds, is none of the orders: the next file shows it, too
    proved_values: dict[str, Any] = {name: value for name, value in proved.items() if getattr(choices, name) is None}
    proved_values.pop("columns", None)
    return msgspec.structs.replace(choices, **proved_values, starts=None)


def check(choices: Choices) -> None:
    """Raises NotProved where a choice is none of those that there are."""
    for name, allowed in ALLOWED.items():
        value = getattr(choices, name)
        if value is not None and value not in allowed:
            expected = ", ".join(map(repr, allowed))
            raise NotProved(name, f"{name}: expected one of {expected}, got {value!r}")
