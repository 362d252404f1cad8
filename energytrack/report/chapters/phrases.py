"""Terms of the bill and the ledger in a report, listed here so that catalogues have them."""

from energytrack.bill.invoice import InvoiceLine
from energytrack.languages.words import Words
from energytrack.ledger.correction import Decision


def line_name(name: str, t: Words) -> str:
    """The name of a line of the bill; the contract's own names of bands and levies are not translated."""
    version, separator, own = name.rpartition(": ")
    words = {"standing charge": t("standing charge"), "demand": t("demand"), "energy": t("energy")}
    return f"{version}{separator}{words.get(own, own)}"


def about_note(line: InvoiceLine, t: Words) -> str:
    """The note beside a line."""
    if line.kind == "demand":
        return _about_demand(line, t)
    words = {"mean of its prices": t("mean of its prices"), "its price is not known": t("its price is not known")}
    return words.get(line.note, line.note)


def _about_demand(line: InvoiceLine, t: Words) -> str:
    parts = [t("no peak")]
    if line.peak is not None:
        kw = t.with_unit(line.peak.kw, "kW", 1)
        day, clock = t.short_day(line.peak.start.date()), t.clock(line.peak.start)
        parts = [t("peak {kw} on {day}, {clock}", kw=kw, day=day, clock=clock)]
    if line.floor_kw:
        parts.append(t("{kw} are paid in any case", kw=t.with_unit(line.floor_kw, "kW", 1)))
    if line.paid_kw is not None:
        parts.append(t("{kw} of the year are paid already", kw=t.with_unit(line.paid_kw, "kW", 1)))
    return "; ".join(parts)


def about_decision(decision: Decision, t: Words) -> str:
    """A person's decision, in one word."""
    words: dict[Decision, str] = {
        "accept": t("accepted"), "reject": t("rejected"), "value": t("value given"), "withdraw": t("withdrawn"),
    }  # fmt: skip
    return words[decision]
