"""A report as pages, PDF or PNG. Typst lays them out by `report.typ`; no fonts of the system are used."""

from pathlib import Path
from typing import Final

import msgspec
import typst

from energytrack.languages.words import Words, words_of
from energytrack.report.chapters import baselines, front, meters, sections
from energytrack.report.content import Report
from energytrack.report.document import Document, Section

TEMPLATE: Final = Path(__file__).with_name("report.typ")
PIXELS_PER_INCH: Final = 110.0


def document_of(report: Report) -> Document:
    """The report in the words of its language."""
    t = words_of(report.language)
    return Document(
        language=report.language,
        plant=report.plant,
        title=t("Energy report"),
        month=t.month(report.month.first),
        made=t("Made on {moment} ({zone}) from the energy ledger.", moment=t.moment(report.made_at), zone=report.zone),
        page_of=t("Page {{page}} of {{pages}}"),
        figures=front.figures(report, t),
        sections=tuple(section for section in _sections(report, t) if section is not None),
    )


def _sections(report: Report, t: Words) -> tuple[Section | None, ...]:
    if not report.is_known:
        return (front.in_short(report, t), sections.alarms(report, t), sections.model(report, t))
    return (
        front.in_short(report, t),
        front.days(report, t),
        *sections.bill(report, t),
        sections.lines(report, t),
        sections.machines(report, t),
        *sections.profile(report, t),
        sections.measures(report, t),
        *baselines.sections(report, t),
        meters.section(report, t),
        sections.carbon(report, t),
        sections.quality(report, t),
        sections.corrections(report, t),
        sections.alarms(report, t),
        sections.model(report, t),
    )


def as_pdf(report: Report) -> bytes:
    """The report as a PDF, A4."""
    made = typst.compile(TEMPLATE, sys_inputs=_inputs(report), ignore_system_fonts=True, format="pdf",
                         timestamp=round(report.made_at.timestamp()))  # fmt: skip
    return made if isinstance(made, bytes) else b"".join(made or ())


def as_images(report: Report, *, pixels_per_inch: float = PIXELS_PER_INCH) -> tuple[bytes, ...]:
    """Each page as a PNG."""
    made = typst.compile(TEMPLATE, sys_inputs=_inputs(report), ignore_system_fonts=True, format="png",
                         ppi=pixels_per_inch)  # fmt: skip
    return (made,) if isinstance(made, bytes) else tuple(page for page in made or () if page is not None)


def _inputs(report: Report) -> dict[str, str]:
    return {"report": msgspec.json.encode(document_of(report)).decode()}
