"""Decisions about a file: proved by its content, or made by a person with a flag, on the page or in a profile."""

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
from energytrack.toml_files import decoded

What = Literal["auto", "energy", "readings", "parts", "prices"]
"""Which of a file's contents are stored; `auto`: everything about machines, or prices if a file has only these."""


class Choices(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A person's choices about a file; None if the file itself decides. A profile is one of these, as TOML."""

    encoding: str | None = None
    """Such as utf-8 or cp1252."""
    separator: str | None = None
    """One of `;`, `,`, tab and `|`; a space stands for any number of them."""
    decimal: str | None = None
    """`.` or `,`."""
    date_order: str | None = None
    """`dmy`, `mdy` or `ymd`; `1904` if dates are counts of days since then, as in spreadsheets of some Macs."""
    zone: str | None = None
    """The IANA zone of times that have none, such as Europe/Berlin or UTC."""
    labels: str | None = None
    """`begin` or `end`: which end of its interval a row is labelled with."""
    values: str | None = None
    """`interval` or `register`: energy of each interval, or a meter's cumulative register."""
    unit: str | None = None
    """The unit of the energy, if the headings do not state it, or state it wrongly: Wh, kWh, MJ, kW and so on."""
    amounts: str | None = None
    """`as_stated` if energy is right although its machine can hardly have used it; otherwise it is asked about."""
    device: str | None = None
    """The machine of the whole file."""
    devices: Mapping[str, str] = {}
    """Machine by its name in the file: a meter's number, a column's heading."""
    signals: Mapping[str, str] = {}
    """Signal by column, if its default name is not the one wanted; an empty name leaves the column out."""
    columns: str | None = None
    """A pattern such as `Temp*`: only these columns are signals."""
    only_named: bool = False
    """Columns that `signals` does not name are left out, except temperature, pressure and current."""
    time_column: str | None = None
    """The column with the time, if several are possible."""
    starts: Annotated[datetime, Meta(tz=True)] | None = None
    """The time of the lowest count of the time column, or of the first of numbered files."""
    every_seconds: Annotated[float, Meta(gt=0, lt=1e9)] | None = None
    """The time from one count, or one numbered file, to the next."""
    device_column: str | None = None
    """The column with the machine of each row."""
    parts: str | None = None
    """The column that counts parts; an empty name if none does."""
    price: str | None = None
    """The column with the price of a kilowatt hour, if several are possible; an empty name if none is."""
    price_unit: str | None = None
    """The amount of energy that has this price, if no heading says it: `per kWh`, `per MWh`, `ct/kWh`."""
    emissions: str | None = None
    """The column with the emission factor of the grid, if several are possible."""
    market: str | None = None
    """The contract's `market_prices` to which the prices belong, if it has several."""
    parts_values: str | None = None
    """`interval`, `register` or `lots`: parts of each interval, a cumulative counter, or each row a finished lot."""
    scrap: str | None = None
    """The column that counts rejected parts; an empty name if none does."""


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
    """A fact that was detected about a file, with its evidence."""

    what: str
    """A field of `Choices`, or a word such as `rows`."""
    value: str | None
    """None if it is not proved."""
    why: str


@dataclass(eq=False)
class UnreadableFile(EnergyTrackError):
    """A file that no choice makes readable."""

    name: str
    problem: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}"


@dataclass(eq=False)
class NotProved(EnergyTrackError):
    """A question that a file leaves open; a person has to answer it."""

    what: str
    """A field of `Choices`."""
    problem: str
    """Why the file leaves it open."""
    suggestion: str | None = None
    """A likely answer that is not proved."""
    options: tuple[str, ...] = ()
    """The possible answers, if they depend on the plant."""

    @property
    def flag(self) -> str:
        """The flag to add to the command."""
        name, _, example = FLAGS.get(self.what, f"--{self.what.replace('_', '-')} …").partition(" ")
        return f"{name} {example if self.suggestion is None else _quoted(self.suggestion)}"

    def __str__(self) -> str:
        return f"{self.problem}{': ' if self.options else ''}{', '.join(self.options)}. Use: {self.flag}"


def _quoted(word: str) -> str:
    """A word, quoted for a shell if necessary."""
    return word if re.fullmatch(r"[\w./,;:=+-]+", word) and word != ";" else f"'{word}'"


def read_profile(path: Path) -> Choices:
    """The stored choices; raises UnreadableFile."""
    try:
        return decoded(path.read_bytes(), Choices)
    except (OSError, msgspec.DecodeError) as error:
        raise UnreadableFile(str(path), f"it is not an import profile: {error}") from error


def write_profile(path: Path, choices: Choices) -> None:
    """Store choices for the next file of the same kind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tomli_w.dumps(msgspec.to_builtins(choices)), encoding="utf-8")


PAIRS: Final[Mapping[str, str]] = {"devices": "NAME=MACHINE", "signals": "COLUMN=SIGNAL"}
"""Choices with a word for each of several names, and the form of such a pair."""


def pair_of(text: str, form: str) -> tuple[str, str]:
    """The two words of a pair such as NAME=MACHINE, split at the last sign, because headings may contain one.

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
    """The choices with a person's answer to one of them; raises ValueError if a pair is expected and not given."""
    if what not in PAIRS:
        return msgspec.structs.replace(choices, **{what: answer})
    name, word = pair_of(answer, PAIRS[what])
    return msgspec.structs.replace(choices, **{what: {**getattr(choices, what), name: word}})


def settled(choices: Choices, findings: tuple[FileFinding, ...]) -> Choices:
    """The choices with everything that was proved, for the next file of this kind; without `starts`."""
    proved = {
        each.what: each.value
        for each in findings
        if each.what in FLAGS and each.value is not None and each.value in ALLOWED.get(each.what, (each.value,))
    }  # a unit of counted dates, such as seconds, is not an order: the next file shows it, too
    proved_values: dict[str, Any] = {name: value for name, value in proved.items() if getattr(choices, name) is None}
    proved_values.pop("columns", None)
    return msgspec.structs.replace(choices, **proved_values, starts=None)


def check(choices: Choices) -> None:
    """Raises NotProved if a choice is not one of the allowed ones."""
    for name, allowed in ALLOWED.items():
        value = getattr(choices, name)
        if value is not None and value not in allowed:
            expected = ", ".join(map(repr, allowed))
            raise NotProved(name, f"{name}: expected one of {expected}, got {value!r}")
