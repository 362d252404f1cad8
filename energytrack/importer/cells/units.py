"""Units and quantities in headings, and the names that columns get. Pure."""

import re
import unicodedata
from collections.abc import Collection
from typing import Final, NamedTuple

LONGEST_NAME: Final = 64
"""The length of the name of a signal or a machine."""
ENERGY: Final = {"wh": 0.001, "kwh": 1.0, "mwh": 1000.0, "gwh": 1e6, "mj": 1.0 / 3.6, "gj": 1000.0 / 3.6}
"""Kilowatt hours."""
POWER: Final = {"w": 0.001, "kw": 1.0, "mw": 1000.0}
"""Kilowatts."""
_UNIT: Final = re.compile(
    r"[\[(<{,;/]?\s*(?<![A-Za-z])([kmg]?wh|mj|gj|kw|w|mw|°c|degc|grad c|celsius|bar|mbar|amp|ampere|a)\s*[\])>}]?\s*$",
    re.I,
)
_INSIDE: Final = re.compile(r"(?<![a-z])(kwh|mwh|gwh|wh|mj|gj|kw)(?![a-z])", re.I)
_THOUSANDS: Final = re.compile(
    r"(?<![\d.,])(?:1[\s.'\u2019]?000|tsd\.?|tausend|thousands?(?: of)?|milliers de|miles de|tys\.?)"
    r"\s*(wh|kwh|mwh|w|kw)(?![a-z])", re.I,
)  # fmt: skip
_THOUSANDFOLD: Final = {"wh": "kwh", "kwh": "mwh", "mwh": "gwh", "w": "kw", "kw": "mw"}
_RATIO: Final = re.compile(
    r"(?<![a-z])[kmg]?wh?[\])]?\s*([x\u00d7*]\s*\d[\d.,/]*)(?!\w)|"
    r"(?<!\w)([x\u00d7*]\s*\d[\d.,/]*)\s*[\[(]?[kmg]?wh?(?![a-z])", re.I,
)  # fmt: skip
PER: Final = re.compile(
    r"((?<![a-z])(eur|€|euro|usd|\$|gbp|£|chf|pln|zł|dkk|sek|nok|czk|huf|ron|bgn|aud|cad|ct|cents?|¢|p|kg|g|t)|"
    r"co[2₂][a-z-]*)\s*(/|\bper\b|\bpro\b|\bje\b)\s*[km]wh|per_kwh", re.I,
)  # fmt: skip
_ID: Final = re.compile(
    r"(^|[^a-z])(id|nr|no|nummer|number|numero|serial|serien|z(ae|.)hler(punkt|nummer)?|meter|mpan|malo|melo|nmi|ean|pod|"
    r"pdl|prm|device|ger(ae|.)t|maschine|machine|entity_id|asset|anlage|sensor|tag|messstelle|z(ae|.)hlpunkt)"
    r"([^a-z]|$)", re.I,
)  # fmt: skip
_NAME: Final = re.compile(
    r"(obis|register|kanal|channel|parameter|metric|series|name|field|quantity|variable|_measurement)", re.I
)
_EXPORT: Final = re.compile(
    r"(einspeis|r.cklieferung|r.ckspeis|lieferung ins netz|export|feed.?in|fed.?in|injection|injecci|injet|inyecc|"
    r"vertid|excedent|immissione|immess|teruglever|oddan|dod.vka do s|inmatning|returned|2\.8\.\d|2\.29\.\d)", re.I,
)  # fmt: skip
_REGISTER: Final = re.compile(
    r"(z(?:ae|.)hlerstand|stand|register|reading|meter.?read|index|total|cumul|1\.8\.\d|lifetime|lettura|lectura|leitura|"
    r"relev[ée]|odczyt|stan licznika)", re.I,
)  # fmt: skip
_INTERVAL: Final = re.compile(
    r"(verbrauch|lastgang|consum|usage|energ|load.?profile|1\.29\.\d|interval|bezug|arbeit)", re.I
)
REACTIVE: Final = re.compile(
    r"(?<![a-z])[km]?var?h?(?![a-z])|blind(arbeit|energie|leistung|verbrauch)|r[eé]activ|reattiv|biern", re.I
)
"""Reactive and apparent energy are not what is paid by the kilowatt hour."""
FACTOR: Final = re.compile(
    r"power.?factor|cos.?(phi|φ)|leistungsfaktor|facteur.de.puissance|factor.de.potencia|wsp.{1,12}mocy", re.I
)
"""Ratio of active to apparent power: `Lagging_Current_Power_Factor` is not a current, nor is reactive energy."""
_BEGIN: Final = re.compile(r"(^|[^a-z])(von|from|start|begin|beginn|d.but|inicio|interval_?start)", re.I)
_END: Final = re.compile(r"(^|[^a-z])(bis|until|to|end|ende|fin|tot|interval_?end)([^a-z]|$)", re.I)


class HeadingMeaning(NamedTuple):
    """The unit and the kind of column that a heading names."""

    unit: str | None
    """In lower case; None if it states none."""
    is_id: bool
    is_name: bool
    is_export: bool
    says_register: bool
    says_interval: bool


def meaning(heading: str) -> HeadingMeaning:
    """What a heading says about its column."""
    return HeadingMeaning(
        unit=unit_of(heading),
        is_id=_ID.search(heading) is not None,
        is_name=_NAME.search(heading) is not None,
        is_export=_EXPORT.search(heading) is not None,
        says_register=_REGISTER.search(heading) is not None and REACTIVE.search(heading) is None,
        says_interval=_INTERVAL.search(heading) is not None and REACTIVE.search(heading) is None,
    )


def unit_of(heading: str) -> str | None:
    """The unit at the end of a heading, or kWh and the like anywhere in it; None for a price such as EUR/MWh."""
    if PER.search(heading):
        return None
    if thousands := _THOUSANDS.search(heading):
        return _THOUSANDFOLD[thousands.group(1).lower()]
    if inside := _INSIDE.search(heading):
        return inside.group(1).lower()
    match = _UNIT.search(heading)
    if match is None:
        return None
    unit = match.group(1).lower()
    bare = len(unit) == 1 and not re.search(r"[\[(<{]\s*\w\s*[\])>}]\s*$", heading) and heading.strip().lower() != unit
    return None if bare else unit


def ratio_in(heading: str) -> str | None:
    """The factor beside a heading's unit: `x10` of `kWh x10`; None without one, and for a footnote's `*1`."""
    match = _RATIO.search(heading)
    if match is None:
        return None
    ratio, before = match.group(1) or match.group(2), heading[: match.end()]
    is_footnote = heading[match.end() :].startswith(")") and before.count("(") <= before.count(")")
    return None if is_footnote or re.fullmatch(r"\D*1([.,]0*)?", ratio) else ratio


def end_of_interval(heading: str) -> str | None:
    """`begin` or `end` if the heading of a time says which end of an interval it is."""
    begin, end = _BEGIN.search(heading), _END.search(heading)
    if (begin is None) == (end is None):
        return None
    return "begin" if begin else "end"


def says_utc(heading: str) -> bool:
    """Whether the heading of a time says that it is in UTC: `HourUTC`, `Datetime (UTC)`."""
    return re.search(r"(?<![A-Z])(UTC|GMT)\b", heading) is not None and not re.search(r"[+-]\s*\d", heading)


def signal_name(heading: str) -> str:
    """The name of a signal: its heading, without the unit, in letters, digits and _ .

    `Temperatur Lager [°C]` becomes `temperatur_lager`.
    """
    bare = re.sub(r"[\[(<{][^\])>}]*[\])>}]\s*$", "", re.sub(r"\s\(\d+\)$", "", heading))
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue")):
        bare = bare.replace(umlaut, plain)
    ascii_only = unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9]+", "_", ascii_only).strip("_").lower()[:64]
    return name if name and not name[0].isdigit() else f"signal_{name}".rstrip("_")


def distinct(name: str, taken: Collection[str], *, longest: int = LONGEST_NAME) -> str:
    """A name that is not taken: the name itself, or with the next number."""
    name, wanted, number = name[:longest], name, 1
    while name in taken:
        number += 1
        ending = f"_{number}"
        name = wanted[: longest - len(ending)] + ending
    return name


def identifier(name: str) -> str:
    """A name in the form of a machine's id."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._:-]+", "-", plain).strip("-._:")[:64] or "device"
