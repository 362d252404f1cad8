"""The pages: what stands on them, in each language, and months of which little or nothing is known."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from energytrack.languages.words import LANGUAGES, words_of
from energytrack.plant.file import Language
from energytrack.report.pages import as_images, as_pdf, document_of
from testkit.builders.ledger import a_correction, a_day
from testkit.builders.reports import CONTRACT, MONTH, TARIFF, a_month, a_report


def text_of(pdf: bytes) -> str:
    """What it says, with ordinary spaces."""
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_have_the_amounts_of_the_bill_to_the_cent(language: Language) -> None:
    report = a_report(language=language)
    t = words_of(language)
    text = text_of(as_pdf(report))
    amounts = [line.amount for line in report.bill.invoice.lines] + [report.bill.invoice.total]
    amounts += [line.sums.cost for line in report.lines] + [report.sums.idle_cost]
    missing = [shown for amount in amounts if (shown := re.sub(r"\s+", " ", t.amount(amount))) not in text]
    assert missing == []


def test_the_pages_have_everything_that_people_ask_for() -> None:
    text = text_of(as_pdf(a_report()))
    for heading in (
        "Energy report", "In short", "Day by day", "Cost by the contract: Municipal utility",
        "What other contracts would have cost (EUR)", "Load profile", "Where the energy went",
        "Machines whose idling cost most", "Measures and proved savings", "Energy against its baselines",
        "CUSUM: press-0001 out of shift", "Meters of the plant", "Emissions", "What the figures rest on",
        "Decisions about energy", "Alarms and verdicts", "Record of the model",
    ):  # fmt: skip
        assert heading in text


def test_each_page_is_a_picture_too() -> None:
    images = as_images(a_report(), pixels_per_inch=20)
    assert len(images) == len(PdfReader(BytesIO(as_pdf(a_report()))).pages)
    assert {image[:4] for image in images} == {b"\x89PNG"}


def test_a_report_that_is_made_again_is_the_same() -> None:
    assert as_pdf(a_report()) == as_pdf(a_report())


def test_a_month_of_which_nothing_is_known_has_no_zeros() -> None:
    report = a_report(days=[])
    text = text_of(as_pdf(report))
    assert "No energy data for this month." in text
    assert "0 kWh" not in text
    assert {figure.value for figure in document_of(report).figures} == {"not known"}


def test_what_has_no_price_has_no_amount() -> None:
    days = [a_day(day=day.date, price_per_kwh=None) for day in a_month()[:1]]
    text = text_of(as_pdf(a_report(days)))
    assert "its price is not known" in text
    assert "The total is without the energy whose price is not known." in text


def test_without_measures_nothing_is_said_of_them() -> None:
    assert "Measures" not in text_of(as_pdf(a_report(measures=())))


def test_without_factors_there_are_no_emissions_rather_than_none() -> None:
    bare = type(TARIFF)("EUR", versions=(CONTRACT,))
    document = document_of(a_report(tariff=bare, emission_sources=()))
    assert next(each for each in document.figures if each.name == "Emissions").value == "not known"


def test_a_month_that_is_not_over_says_so() -> None:
    days = [day for day in a_month() if day.date < MONTH.last]
    sentences = document_of(a_report(days)).sections[0].sentences
    assert sentences[0].startswith("The month is not complete")


def test_decisions_about_a_plant_meter_are_in_its_own_unit() -> None:
    """And amounts of which nothing is known have none."""
    decisions = (
        a_correction(day=MONTH.first, before_kwh=2.0, after_kwh=3.0),
        a_correction(day=MONTH.first, device_id="water", before_kwh=None, after_kwh=41.5),
    )
    (section,) = [each for each in document_of(a_report(corrections=decisions)).sections
                  if each.title == "Decisions about energy"]  # fmt: skip
    assert section.table is not None
    assert not any("kWh" in column.title for column in section.table.columns)
    amounts = [[str(row[place]).replace("\u00a0", " ") for place in (0, 4, 5)] for row in section.table.rows]
    assert amounts == [["cnc-0007", "2.0 kWh", "3.0 kWh"], ["water", "not known", "41.5 m³"]]
