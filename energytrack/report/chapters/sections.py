"""The further pages: the bill, the use of energy, the quality of the data, and the machines."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from energytrack.bill.invoice import Invoice, InvoiceLine
from energytrack.languages.words import DASH, MINUS, Words
from energytrack.ledger.sums import EnergySums
from energytrack.report.chapters.phrases import about_decision, about_note, line_name
from energytrack.report.chapters.pictures import month_map, year_map
from energytrack.report.content import Report
from energytrack.report.document import Bar, Cell, Column, ReportTable, Section
from energytrack.security.names import name_of

MOST_MACHINES: Final = 12
MOST_CORRECTIONS: Final = 15
MOST_RULES: Final = 15
KILOGRAMS: Final = 1000.0


def bill(report: Report, t: Words) -> Iterator[Section]:
    """The lines of the invoice, and what other contracts would have cost."""
    invoice, currency = report.bill.invoice, report.bill.currency
    rows = tuple((line_name(line.name, t), *_quantity(line, t), _amount(line, t)) for line in invoice.lines)
    columns = (
        Column(t("Line of the bill"), "left"), Column(t("Quantity")), Column(t("Price")), Column(currency),
    )  # fmt: skip
    notes = [f"{line_name(line.name, t)}: {note}" for line in invoice.lines if (note := about_note(line, t))]
    if not invoice.is_complete:
        notes.append(t("The total is without the energy whose price is not known."))
    notes.append(t("Each line is rounded to the cent, as on an invoice; the total is the sum of the lines."))
    whole = (t("Total"), "", "", t.amount(invoice.total))
    title = t("Cost by the contract") + (f": {invoice.contract}" if invoice.contract else "")
    yield Section(title, table=ReportTable(columns, rows, whole), notes=tuple(notes))
    if report.bill.others:
        yield _other_contracts(report, t)


def _other_contracts(report: Report, t: Words) -> Section:
    invoices = (report.bill.invoice, *report.bill.others)
    columns = (
        Column(t("Contract"), "left"), Column(t("Energy")), Column(t("Standing charge")), Column(t("Demand")),
        Column(t("Levies")), Column(t("Total")), Column(t("Difference")),
    )  # fmt: skip
    rows = tuple(_compared(each, report.bill.invoice, t) for each in invoices)
    return Section(t("What other contracts would have cost ({currency})", currency=report.bill.currency),
                   table=ReportTable(columns, rows))  # fmt: skip


def _compared(invoice: Invoice, held: Invoice, t: Words) -> tuple[str, ...]:
    parts = (invoice.amount("energy"), invoice.amount("standing_charge"), invoice.amount("demand"))
    total = t.amount(invoice.total if invoice.is_complete else None)
    sign = "+" if invoice.total >= held.total else MINUS
    difference = "" if invoice is held else sign + t.amount(abs(invoice.total - held.total))
    return (invoice.contract or t("no contract"), *map(t.amount, (*parts, invoice.amount("levy"))), total, difference)


def _quantity(line: InvoiceLine, t: Words) -> tuple[str, str]:
    if line.unit == "%":
        return f"{t.percent((line.quantity or 0.0) / 100.0, 2)}", t("of {amount}", amount=t.amount(line.price))
    price = "" if line.price is None else t.number(line.price, 4)
    if line.unit == "months":
        return t.with_unit(line.quantity, t("months"), 2), price
    return t.with_unit(line.quantity, line.unit, 1), price


def _amount(line: InvoiceLine, t: Words) -> str:
    return t.amount(line.amount)


def profile(report: Report, t: Words) -> Iterator[Section]:
    """The load profile of the month, and of the year if requested."""
    heat = month_map(report.load, report.month, ZoneInfo(report.zone), t)
    if heat is not None:
        peak = report.bill.peak
        note = () if peak is None else (
            t("Each square is the mean power of the plant in a quarter of an hour. The ring marks the peak."),
        )  # fmt: skip
        yield Section(t("Load profile"), note, heat=heat)
    year = None if report.carpet is None else year_map(report.carpet, t)
    if year is not None:
        yield Section(
            t("The year, hour by hour"), (t("Days from left to right, hours from top to bottom."),), heat=year
        )


def lines(report: Report, t: Words) -> Section:
    """Each line's energy, and the idle part of it."""
    currency = report.bill.currency
    longest = max((line.sums.cost for line in report.lines), default=0.0) or 1.0
    columns = (
        Column(t("Line"), "left"), Column(t("Machines")), Column("kWh"), Column(currency), Column("", "left"),
        Column(t("idle, kWh")), Column(t("idle, {currency}", currency=currency)), Column(t("idle share")),
    )  # fmt: skip
    rows = tuple(
        (
            line.name or t("no line"), t.number(line.machines), *_used(line.sums, t),
            Bar(line.sums.cost / longest, line.sums.idle_cost / longest), *_idle(line.sums, t), _share(line.sums, t),
        )
        for line in report.lines
    )  # fmt: skip
    sums = report.sums
    whole = (
        t("Plant"), t.number(report.bill.machines), *_used(sums, t), "", *_idle(sums, t), _share(sums, t)
    )  # fmt: skip
    note = t("Cost of energy alone, at the price of each quarter hour, without demand, charges and levies.")
    return Section(t("Where the energy went"), table=ReportTable(columns, rows, whole), notes=(note,))


def machines(report: Report, t: Words) -> Section | None:
    """The machines whose idling cost most."""
    worst = [each for each in report.machines if each.sums.known_idle_cost][:MOST_MACHINES]
    if not worst:
        return None
    currency = report.bill.currency
    longest = max(each.sums.cost for each in worst) or 1.0
    columns = (
        Column(t("Machine"), "left"), Column(t("Line"), "left"), Column("kWh"), Column(currency), Column("", "left"),
        Column(t("idle, kWh")), Column(t("idle, {currency}", currency=currency)), Column(t("idle share")),
    )  # fmt: skip
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            each.device_id, each.line or t("no line"), *_used(each.sums, t),
            Bar(each.sums.cost / longest, each.sums.idle_cost / longest), *_idle(each.sums, t), _share(each.sums, t),
        )
        for each in worst
    )  # fmt: skip
    return Section(t("Machines whose idling cost most"), table=ReportTable(columns, rows))


def _used(sums: EnergySums, t: Words) -> tuple[str, str]:
    return t.number(sums.kwh), t.amount(sums.known_cost)


def _idle(sums: EnergySums, t: Words) -> tuple[str, str]:
    return t.number(sums.known_idle_kwh), t.amount(sums.known_idle_cost)


def _share(sums: EnergySums, t: Words) -> str:
    return t.percent(sums.idle_ratio)


def measures(report: Report, t: Words) -> Section | None:
    """Measures and their proved savings; None without measures."""
    if not report.measures:
        return None
    columns = (
        Column(t("Measure"), "left"), Column(t("Since")), Column(t("expected, kWh")), Column(t("proved, kWh")),
        Column(t("interval, kWh")), Column(report.bill.currency),
    )  # fmt: skip
    rows = tuple(
        (
            each.title, t.short_day(each.since), t.number(each.expected_kwh),
            t("no saving proved") if each.proved_kwh is None else t.number(each.proved_kwh),
            "" if each.proved_kwh is None else f"{t.number(each.low_kwh)} {DASH} {t.number(each.high_kwh)}",
            "" if each.saved is None else t.amount(each.saved),
        )
        for each in report.measures
    )  # fmt: skip
    return Section(t("Measures and proved savings"), table=ReportTable(columns, rows))


def carbon(report: Report, t: Words) -> Section:
    """Emissions by line, by both methods."""
    emissions = report.emissions
    if emissions.known_location_kg is None and emissions.known_market_kg is None:
        return Section(t("Emissions"), (t("No emission factors are entered in the plant file for this month."),))
    columns = (
        Column(t("Line"), "left"), Column("kWh"), Column(t("location-based, kg CO₂e")),
        Column(t("market-based, kg CO₂e")),
    )  # fmt: skip
    rows = tuple(
        (
            line.name or t("no line"), t.number(line.sums.kwh), t.number(line.emissions.known_location_kg, 1),
            t.number(line.emissions.known_market_kg, 1),
        )
        for line in report.lines
    )  # fmt: skip
    whole = (
        t("Plant"), t.number(report.sums.kwh), t.number(emissions.known_location_kg, 1),
        t.number(emissions.known_market_kg, 1),
    )  # fmt: skip
    notes = [t("Electricity (scope 2) by the GHG Protocol: the mean of the grid, and what the contract says.")]
    if report.emission_sources:
        notes.append(t("Factors: {sources}.", sources="; ".join(report.emission_sources)))
    unknown = max(emissions.location_unknown_kwh, emissions.market_unknown_kwh)
    if unknown:
        notes.append(t("For {kwh} the factor is not known: they are left out.", kwh=t.with_unit(unknown, "kWh")))
    return Section(t("Emissions"), table=ReportTable(columns, rows, whole), notes=tuple(notes))


def quality(report: Report, t: Words) -> Section:
    """How well the figures are known."""
    sums = report.sums
    whole = sums.counted_kwh or 1.0
    parts = (
        (t("measured by meters"), sums.measured_kwh), (t("bridged between two good readings"), sums.bridged_kwh),
        (t("estimated from current"), sums.estimated_kwh), (t("from imported files"), sums.imported_kwh),
        (t("decided by people"), sums.corrected_kwh),
    )  # fmt: skip
    columns = (Column(t("Energy"), "left"), Column("kWh"), Column(t("share")))
    rows = tuple((name, t.number(kwh, 1), t.percent(kwh / whole)) for name, kwh in parts)
    total = (t("what counts"), t.number(sums.kwh, 1), t.percent(1.0) if sums.kwh else "")
    known_share = t("Energy is known for {ratio} of all machine time.", ratio=t.percent(report.bill.known_ratio))
    suspect = t("Another {kwh} are suspect and count nowhere.", kwh=t.with_unit(sums.suspect_kwh, "kWh", 1))
    notes = (suspect,) if sums.suspect_kwh else ()
    return Section(
        t("What the figures rest on"), (known_share,), ReportTable(columns, rows, total), notes=notes
    )  # fmt: skip


def corrections(report: Report, t: Words) -> Section | None:
    """People's decisions about energy, latest last."""
    made = report.corrections
    if not made:
        return None
    columns = (
        Column(t("Machine or meter"), "left"), Column(t("from"), "left"), Column(t("for")),
        Column(t("Decision"), "left"), Column(t("before")), Column(t("after")), Column(t("by"), "left"),
        Column(t("because"), "left"),
    )  # fmt: skip
    rows = tuple(
        (
            each.device_id, t.moment(each.start.astimezone(report.made_at.tzinfo)),
            _length(each.end - each.start, t), about_decision(each.decision, t),
            *(t.with_unit(amount, report.unit_of(each.device_id), 1) for amount in (each.before_kwh, each.after_kwh)),
            name_of(each.decided_by), each.reason,
        )
        for each in made[-MOST_CORRECTIONS:]
    )  # fmt: skip
    left = len(made) - len(rows)
    notes = (t("{number} earlier ones are in the workbook.", number=t.number(left)),) if left > 0 else ()
    return Section(t("Decisions about energy"), table=ReportTable(columns, rows), notes=notes)


def _length(length: timedelta, t: Words) -> str:
    return t.with_unit(length.total_seconds() / 3600.0, "h", 2)


def alarms(report: Report, t: Words) -> Section:
    """Alarms by rule, with what technicians found."""
    if not report.alarms:
        return Section(t("Alarms and verdicts"), (t("There was no alarm."),))
    columns = (
        Column(t("Alarm"), "left"), Column(t("Alarms")), Column(t("true")), Column(t("false")),
        Column(t("not judged")),
    )  # fmt: skip
    rows = tuple(
        (each.rule, *map(t.number, (each.alarms, each.true_alarms, each.false_alarms, each.not_judged)))
        for each in report.alarms[:MOST_RULES]
    )
    each_sum = [
        sum(getattr(each, name) for each in report.alarms)
        for name in ("alarms", "true_alarms", "false_alarms", "not_judged")
    ]
    return Section(t("Alarms and verdicts"), table=ReportTable(columns, rows, (t("Total"), *map(t.number, each_sum))))


def model(report: Report, t: Words) -> Section:
    """The model in use at the end of the month, and how many failures it warned of."""
    record = report.model
    sentences = []
    if record.version is None:
        sentences.append(t("No model is on record."))
    else:
        trained = "" if record.trained_at is None else t.day(record.trained_at.date())
        sentences.append(t("In use at the end: {version}.", version=record.version))
        if trained:
            sentences.append(t("Trained on {day}.", day=trained))
    sentences.append(
        t("Failures: {failures}; warned of within a day before: {warned}.",
          failures=t.number(record.failures), warned=t.number(record.warned))
    )  # fmt: skip
    sentences.append(
        t("Retraining runs: {runs}; of these, new models put in use: {promoted}.",
          runs=t.number(record.retrained), promoted=t.number(record.promoted))
    )  # fmt: skip
    return Section(t("Record of the model"), tuple(sentences))
