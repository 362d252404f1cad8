"""Requests for a month's report, and the response."""

from typing import Annotated

from pydantic import Field

from control_api.http.schemas import ResponseModel, TextModel
from energytrack.plant.file import Language
from energytrack.report.content import Report
from energytrack.report.document import Document

OfMonth = Annotated[
    str | None,
    Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="`2026-10`; the last month that is over by default"),
]


class ReportQuery(TextModel):
    """The month and the language of a report."""

    month: OfMonth = None
    language: Language | None = Field(None, description="That of the plant file by default")
    year: bool = Field(False, description="With the plot of the year; it reads twelve months, which takes longer")


class PageQuery(ReportQuery):
    """The month, the language and the page of a report."""

    page: int = Field(1, ge=1, le=100)


class FigureResponse(ResponseModel):
    name: str
    value: str
    note: str
    is_waste: bool = Field(description="Whether the figure is waste")


class ReportResponse(ResponseModel):
    """The first page of a report as text."""

    month: str = Field(description="`2026-10`")
    language: Language
    title: str
    name: str = Field(description="Of the month, in the language of the report")
    made: str
    figures: list[FigureResponse]
    sentences: list[str]
    pages: int
    is_known: bool = Field(description="Whether anything is known of the month")


def report_response(report: Report, document: Document, *, pages: int) -> ReportResponse:
    return ReportResponse(
        month=str(report.month), language=report.language, title=document.title, name=document.month,
        made=document.made,
        figures=[FigureResponse(name=each.name, value=each.value, note=each.note, is_waste=each.is_waste)
                 for each in document.figures],
        sentences=list(document.sections[0].sentences), pages=pages, is_known=report.is_known,
    )  # fmt: skip
