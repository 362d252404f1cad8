"""Files as plants hand them over, with all that is wrong in them: read right, asked about, or refused."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
import xlsxwriter

from energytrack.importer.choices import Choices, NotProved, UnreadableFile, settled
from testkit.builders.import_files import QUARTER, comma, lines, starts, wide
from testkit.dates import PLANT_ZONE
from tests.unit.energytrack.importer.contents import BEFORE_BACK, BEFORE_FORWARD, WINTER, begins, found, only, read

TIMES = starts(WINTER, 2)
PROFILE = [f"{at.astimezone(PLANT_ZONE):%d.%m.%Y %H:%M};0,25" for at in TIMES]
HEADING = "Zeit;Verbrauch [kWh]"
CLOCKS = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, 15)]


def whys(text: str | bytes, **choices: str) -> str:
    return "\n".join(finding.why for finding in read(text, zone="Europe/Berlin", **choices).findings)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_may_end_in_any_way(end: str) -> None:
    assert begins(only(read(lines(HEADING, *PROFILE, end=end), zone="Europe/Berlin"))) == TIMES


def test_a_line_end_within_a_heading_costs_no_row() -> None:
    text = lines('"Zeit\n(lokal)";"Verbrauch\n[kWh]"', *PROFILE)
    assert begins(only(read(text, zone="Europe/Berlin"))) == TIMES


def test_names_above_a_row_of_units_name_the_columns() -> None:
    rows = [f"{row};21,5;5,1" for row in PROFILE]
    content = read(lines("Zeit;Arbeit;Temperatur;Druck", ";kWh;°C;bar", *rows), "p.csv", zone="Europe/Berlin")
    assert only(content).total == pytest.approx(48.0)
    assert list(content.signals["p"].values) == ["temperature", "pressure"]


@pytest.mark.parametrize("time", ["25:00", "24:15", "10:75"])
def test_a_time_that_does_not_exist_is_left_out_and_named(time: str) -> None:
    rows = [*PROFILE[:-1], f"{PROFILE[-1][:10]} {time};0,25"]
    content = read(lines(HEADING, *rows), zone="Europe/Berlin", labels="begin")
    assert (len(only(content)), found(content, "never")) == (191, "1")


def test_a_year_far_ahead_takes_no_memory() -> None:
    """`31.12.9999` stands for no end in many programs."""
    content = read(lines(HEADING, *PROFILE, "31.12.9999 00:00;0,25"), zone="Europe/Berlin")
    assert (begins(only(content)), found(content, "never")) == (TIMES, "1")


def test_values_that_are_lost_in_every_way_leave_the_others_known() -> None:
    lost = ["-", "n/a", "#REF!", "#N/A", "", "#DIV/0!", "k.A.", "NaN", "NULL", ".", "?", "fehlt", "-9999"]
    rows = [f"{row[:16]};{word}" for row, word in zip(PROFILE, lost, strict=False)] + PROFILE[len(lost) :]
    content = read(lines(HEADING, *rows), zone="Europe/Berlin")
    assert len(only(content)) == 192 - len(lost)
    assert only(content).total == pytest.approx(0.25 * (192 - len(lost)))


def test_a_column_of_energy_can_be_left_out() -> None:
    text = lines("Zeit;A [kWh];B [kWh]", *(f"{row};-1" for row in PROFILE))
    content = read(text, zone="Europe/Berlin", values="interval", signals={"B [kWh]": ""})
    assert only(content).total == pytest.approx(48.0)


@pytest.mark.parametrize("total", ["Summe;48,00", ";48,00", "15.01.2020 00:00;48,00"])
def test_a_total_at_the_end_is_no_energy(total: str) -> None:
    content = read(lines(HEADING, *PROFILE, total.replace("15.01.2020", f"{WINTER + timedelta(days=2):%d.%m.%Y}")),
                   zone="Europe/Berlin")  # fmt: skip
    assert begins(only(content)) == TIMES
    assert only(content).total == pytest.approx(48.0)


def test_a_footer_is_left_out() -> None:
    content = read(lines(HEADING, *PROFILE, "", "Alle Angaben ohne Gewähr", "Erstellt am; heute"), zone="Europe/Berlin")
    assert begins(only(content)) == TIMES


@pytest.mark.parametrize(
    ("values", "total", "kwh"),
    [(("12", "1.234", "999"), "71.840", 71_840.0), (("12", "1.234", "999"), "32391.488", 32_391.488)],
)
def test_a_row_of_sums_proves_the_decimal_sign(values: tuple[str, ...], total: str, kwh: float) -> None:
    rows = [f"{row[:16]};{values[i % 3]}" for i, row in enumerate(PROFILE[:96])]
    content = read(lines(HEADING, *rows, f"Summe;{total}"), zone="Europe/Berlin", labels="begin")
    assert only(content).total == pytest.approx(kwh)
    assert "the row of totals says" in next(each.why for each in content.findings if each.what == "decimal")


def test_a_row_of_sums_that_is_wrong_is_said_in_the_question() -> None:
    rows = [f"{row[:16]};{('400', '1.234', '999')[i % 3]}" for i, row in enumerate(PROFILE[:96])]
    with pytest.raises(NotProved, match=r"but its rows add up to .*: rows may be missing. Use: --decimal"):
        read(lines(HEADING, *rows, "Summe;5.000"), zone="Europe/Berlin", labels="begin")


def of_days(values: Callable[[int], list[str]], headings: list[str]) -> str:
    days = [BEFORE_FORWARD + timedelta(days=i) for i in range(3)]
    return wide(headings, [(f"{day:%d.%m.%Y}", values(len(starts(day, 1)))) for day in days], first="Datum kWh")


@pytest.mark.parametrize("at_end", [False, True])
def test_a_short_day_whose_values_follow_each_other_is_read_in_sequence(at_end: bool) -> None:
    headings = [*CLOCKS[1:], CLOCKS[0]] if at_end else CLOCKS
    content = read(of_days(lambda count: ["0,25"] * count, headings), values="interval")
    assert begins(only(content)) == starts(BEFORE_FORWARD, 3)


def test_a_short_day_that_was_not_over_proves_no_zone() -> None:
    """Times of a zone that never changes its clocks, exported in the afternoon."""
    days = [BEFORE_FORWARD + timedelta(days=i) for i in (-1, 0, 1)]
    values = [["0,25"] * 96, ["0,25"] * 96, ["0,25"] * 60 + [""] * 36]
    rows = [(f"{day:%d.%m.%Y}", each) for day, each in zip(days, values, strict=True)]
    with pytest.raises(NotProved, match="--zone UTC"):
        read(wide(CLOCKS, rows, first="Datum kWh"), values="interval")


def test_zeros_that_fill_up_a_short_day_are_no_values() -> None:
    gap = {"02:00", "02:15", "02:30", "02:45"}
    text = of_days(lambda count: ["0,00" if count < 96 and each in gap else "0,25" for each in CLOCKS], CLOCKS)
    assert begins(only(read(text, values="interval"))) == starts(BEFORE_FORWARD, 3)


def test_rows_of_zero_in_an_hour_that_does_not_exist_are_asked_about() -> None:
    there = {at.astimezone(PLANT_ZONE).replace(tzinfo=None) for at in starts(BEFORE_FORWARD, 3)}
    first = min(there)
    local = [first + i * QUARTER for i in range(288)]
    text = lines(HEADING, *(f"{at:%d.%m.%Y %H:%M};{'0,25' if at in there else '0,00'}" for at in local))
    with pytest.raises(NotProved, match="value is 0: the row only completes the day there, or the times"):
        read(text)
    assert begins(only(read(text, zone="Europe/Berlin"))) == starts(BEFORE_FORWARD, 3)


def test_a_long_day_may_have_more_values_than_headings() -> None:
    days = [BEFORE_BACK + timedelta(days=i) for i in range(3)]
    rows = [";".join([f"{day:%d.%m.%Y}", *["0,25"] * len(starts(day, 1))]) for day in days]
    text = lines(";".join(["Datum kWh", *map(str, range(1, 97))]), *rows)
    assert begins(only(read(text, values="interval"))) == starts(BEFORE_BACK, 3)


def book(*, since_1904: bool, are_dates: bool) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"date_1904": since_1904}) as written:
        sheet = written.add_worksheet()
        sheet.write_row(0, 0, HEADING.split(";"))
        epoch = WINTER.replace(year=1904, month=1, day=1)
        for row, at in enumerate(TIMES, 1):
            local = at.astimezone(PLANT_ZONE).replace(tzinfo=None)
            if are_dates:
                sheet.write_datetime(row, 0, local, written.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
            else:
                sheet.write_number(row, 0, (local.date() - epoch).days + local.hour / 24 + local.minute / 1440)
            sheet.write_number(row, 1, 0.25)
    return file.getvalue()


@pytest.mark.parametrize("are_dates", [True, False])
def test_a_workbook_that_counts_days_since_1904_says_so(are_dates: bool) -> None:
    content = read(book(since_1904=True, are_dates=are_dates), "m.xlsx", zone="Europe/Berlin")
    assert begins(only(content)) == TIMES


def test_counts_of_days_since_1904_can_be_told() -> None:
    """A text does not say since when: the other reading is shown beside the one that is usual."""
    epoch = WINTER.replace(year=1904, month=1, day=1)
    local = [at.astimezone(PLANT_ZONE).replace(tzinfo=None) for at in TIMES]
    days = [(at.date() - epoch).days + at.hour / 24 + at.minute / 1440 for at in local]
    text = lines(HEADING, *(f"{comma(day, 6)};0,25" for day in days))
    assert f"since 1904, as some Macs count, it would be {WINTER}" in whys(text)
    assert begins(only(read(text, zone="Europe/Berlin", date_order="1904"))) == TIMES


def test_a_profile_of_times_that_are_counts_is_one_for_the_next_file() -> None:
    text = lines(HEADING, *(f"{at.timestamp():.0f};0,25" for at in TIMES))
    content = read(text, zone="Europe/Berlin", labels="begin", values="interval")
    again = settled(Choices(labels="begin", values="interval"), content.findings)
    assert (
        begins(only(read(text, **{name: getattr(again, name) for name in ("date_order", "labels", "values")}))) == TIMES
    )


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "it is empty"),
        (b"%PDF-1.4\n%\xe2\xe3", "it is a PDF"),
        (bytes(5000), "contains only zero bytes"),
        (b"\x28\xb5\x2f\xfd" + bytes(9), "it is a zstd archive: unpack it"),
        (b"\xfd7zXZ\x00" + bytes(9), "it is an xz archive: unpack it"),
        (b"BZh91AY&SY" + bytes(9), "it is a bzip2 archive: unpack it"),
        (b"SQLite format 3\x00" + bytes(99), "it is a database"),
        (b"time;" + b"x;" * 20_000 + b"\n1;2\n", "20,002 columns each"),
        (b"time;" + b"x;" * 10_000 + b"\n" + b"1;2\n" * 5000, "50,0.. cells|most of them empty"),
        (b'time;kWh\n2020-01-01;"' + b"x\n" * 200_000, "it cannot be split into cells"),
        (b"100,NEM12,1\n200,1,E1,E1,E1,N1,M,kWh,0,\n300,20200101,1\n", "line 2 is not a NEM12 record"),
        (b'<feed xmlns="http://naesb.org/espi"><a/></feed>', "no interval in it"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><feed xmlns="http://naesb.org/espi"/>', "its own entities"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(raw: bytes, problem: str) -> None:
    with pytest.raises(UnreadableFile, match=problem):
        read(raw)


def test_units_may_differ_from_row_to_row() -> None:
    """Each meter, or each row, has its own in a column of units."""
    units = [("Z0", "kWh", "0,25"), ("Z1", "Wh", "250")]
    rows = [f"{row[:16]};{meter};{unit};{value}" for row in PROFILE for meter, unit, value in units]
    content = read(lines("Zeit;Zaehler;Einheit;Verbrauch", *rows), zone="Europe/Berlin", values="interval")
    assert [energy.total for energy in content.energy.values()] == pytest.approx([48.0, 48.0])
    rows = [f"{row[:16]};{unit};{value}" for row in PROFILE[:96] for _, unit, value in units[:1]]
    rows += [f"{row[:16]};{unit};{value}" for row in PROFILE[96:] for _, unit, value in units[1:]]
    content = read(lines("Zeit;Einheit;Verbrauch", *rows), zone="Europe/Berlin", values="interval")
    assert only(content).total == pytest.approx(48.0)


@pytest.mark.parametrize("unit", ["1000 kWh", "1.000 kWh", "Tsd. kWh", "thousand kWh", "tys. kWh"])
def test_thousands_of_a_unit_are_a_larger_one(unit: str) -> None:
    rows = [f"{row[:16]};0,00025" for row in PROFILE]
    content = read(lines(f"Zeit;Verbrauch in {unit}", *rows), zone="Europe/Berlin", values="interval")
    assert only(content).total == pytest.approx(48.0)


@pytest.mark.parametrize("minus", ["-{}", "\u2212{}", "\u2013{}", "{}-", "{}\u2212"])
def test_a_minus_may_be_one_of_print_and_stand_behind(minus: str) -> None:
    rows = [f"{row[:16]};{minus.format('0,75') if i % 3 == 0 else '0,25'}" for i, row in enumerate(PROFILE)]
    content = read(lines(HEADING, *rows), zone="Europe/Berlin", values="interval")
    assert found(content, "fed back") == "64"
    assert only(content).total == pytest.approx(32.0)


def test_a_months_total_may_bear_the_months_last_day() -> None:
    """It is no correction of that day, which a row below with the same time is elsewhere."""
    days = [f"{day:02d}.03." for day in range(26, 32)]
    rows = [f"{day}{WINTER.year};10,5" for day in days]
    rows.insert(3, rows[2].replace("10,5", "31,5"))
    content = read(lines("Datum;Verbrauch [kWh]", *rows), zone="Europe/Berlin", labels="begin", values="interval")
    assert found(content, "totals") == "1"
    assert only(content).total == pytest.approx(63.0)
    rows[3] = rows[2].replace("10,5", "12,5")
    content = read(lines("Datum;Verbrauch [kWh]", *rows), zone="Europe/Berlin", labels="begin", values="interval")
    assert found(content, "repeated") == "1"
    assert only(content).total == pytest.approx(65.0)


@pytest.mark.parametrize(
    "heading", ["Verbrauch kWh x10", "Verbrauch [kWh] x 10", "Verbrauch x10 kWh", "Energie (kWh) *40"]
)
def test_a_transformer_ratio_in_a_heading_is_asked_about(heading: str) -> None:
    rows = [f"{row[:16]};0,25" for row in PROFILE]
    text = lines(f"Zeit;{heading}", *rows)
    with pytest.raises(NotProved, match=r"transformer ratio.*multiply them.*--amounts as_stated"):
        read(text, zone="Europe/Berlin", values="interval")
    assert only(read(text, zone="Europe/Berlin", values="interval", amounts="as_stated")).total == pytest.approx(48.0)


@pytest.mark.parametrize("heading", ["Verbrauch [kWh] *1", "Verbrauch [kWh] *2)", "Verbrauch kWh *1)"])
def test_a_footnote_is_no_transformer_ratio(heading: str) -> None:
    text = lines(f"Zeit;{heading}", *(f"{row[:16]};0,25" for row in PROFILE))
    assert only(read(text, zone="Europe/Berlin", values="interval")).total == pytest.approx(48.0)


@pytest.mark.parametrize(
    ("heading", "cell", "what"),
    [
        ("Datum", "01.02.", "have no year: add it"),
        ("Zeit", "01.02. 00:15", "have no year: add it"),
        ("Monat", f"{WINTER:%m.%Y}", "are months: write the first day"),
        ("Month", f"{WINTER:%Y-%m}", "are months: write the first day"),
    ],
)
def test_dates_that_lack_a_part_are_answered_with_what_to_do(heading: str, cell: str, what: str) -> None:
    with pytest.raises(NotProved, match=f"the dates in '{heading}', such as '{cell}', {what}"):
        read(lines(f"{heading};Verbrauch [kWh]", f"{cell};10,5", f"{cell};11,5", f"{cell};9,5"))
