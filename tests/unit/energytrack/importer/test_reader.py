"""Files that plants really have, one per trap: what comes out is right, or the question names the flag."""

import gzip
import tracemalloc
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from energytrack.importer.cells import moments as cells_moments
from energytrack.importer.choices import Choices, NotProved, UnreadableFile
from energytrack.importer.formats.packed import MOST_UPLOADED_BYTES
from energytrack.importer.reader import MOST_BYTES, read_bytes
from testkit.builders.import_files import columns, comma, lines, midnight, starts, wide
from testkit.dates import NOW, PLANT_ZONE
from tests.unit.energytrack.importer.contents import BEFORE_BACK, BEFORE_FORWARD, WINTER, begins, found, only, read


class TestNumbers:
    def test_both_signs_prove_which_is_the_decimal_one(self) -> None:
        text = columns(starts(WINTER, 1), "%Y-%m-%d %H:%M", value="1.234,500")
        assert only(read(text, zone="UTC", labels="begin")).kwh[0] == 1234.5

    def test_thousands_or_decimals_is_asked(self) -> None:
        text = columns(starts(WINTER, 1), "%Y-%m-%d %H:%M", value="1.234")
        with pytest.raises(NotProved, match=r"'1\.234' may be 1234 or 1\.234") as asked:
            read(text, zone="UTC", labels="begin")
        assert asked.value.flag == "--decimal ."
        assert only(read(text, zone="UTC", labels="begin", decimal=",", values="interval")).kwh[0] == 1234.0

    @pytest.mark.parametrize(("value", "kwh"), [("1 234,5", 1234.5), ("1'234.5", 1234.5), ("2.5E+1", 25.0)])
    def test_thousands_have_signs_of_their_own(self, value: str, kwh: float) -> None:
        text = columns(starts(WINTER, 1), "%Y-%m-%d %H:%M", value=value)
        assert only(read(text, zone="UTC", labels="begin", values="interval")).kwh[0] == kwh

    def test_a_cell_that_is_no_number_is_unknown_and_reported(self) -> None:
        rows = [f"{at:%Y-%m-%dT%H:%MZ};{'Fehler' if i == 3 else comma(0.5)}" for i, at in enumerate(starts(WINTER, 1))]
        content = read(lines("Zeit;Verbrauch [kWh]", *rows), labels="begin", values="interval")
        assert (len(only(content)), found(content, "cells")) == (95, "1")

    @pytest.mark.parametrize(
        ("unit", "kwh"), [("Wh", 0.25), ("kWh", 250.0), ("MWh", 250_000.0), ("kW", 62.5), ("W", 0.0625)]
    )
    def test_units_are_in_the_heading(self, unit: str, kwh: float) -> None:
        text = columns(starts(WINTER, 1), "%Y-%m-%dT%H:%M%z", heading=f"Zeit;Wert [{unit}]", value="250")
        assert only(read(text, labels="begin", values="interval")).kwh[0] == pytest.approx(kwh)

    def test_a_unit_that_nothing_says_is_asked(self) -> None:
        text = columns(starts(WINTER, 1), "%Y-%m-%dT%H:%M%z", heading="Zeit;Verbrauch")
        with pytest.raises(NotProved) as asked:
            read(text, labels="begin")
        assert asked.value.flag == "--unit kWh"
        assert only(read(text, labels="begin", unit="kWh")).total == pytest.approx(24.0)


class TestShapes:
    @pytest.mark.parametrize("first", [WINTER, BEFORE_FORWARD, BEFORE_BACK])
    def test_a_row_a_day_with_numbered_columns(self, first: date) -> None:
        """92, 96 or 100 values, in sequence; places that only long days need are empty, or zero."""
        days = [first + timedelta(days=i) for i in range(3)]
        for filler in ("", "0,000"):
            rows = []
            for day in days:
                count = len(starts(day, 1))
                rows.append((f"{day:%d.%m.%Y}", ["0,250"] * count + [filler] * (100 - count)))
            content = read(wide([str(i + 1) for i in range(100)], rows, first="Datum kWh"), values="interval")
            assert begins(only(content)) == starts(first, 3)

    @pytest.mark.parametrize("first", [WINTER, BEFORE_FORWARD])
    @pytest.mark.parametrize("at_end", [False, True])
    def test_a_row_a_day_with_times_as_headings(self, first: date, at_end: bool) -> None:
        shift = 15 if at_end else 0
        clocks = [f"{m // 60 % 24:02d}:{m % 60:02d}" for m in range(shift, 1440 + shift, 15)]
        rows = []
        for i in range(3):
            day = first + timedelta(days=i)
            there = {f"{at.astimezone(PLANT_ZONE) + timedelta(minutes=shift):%H:%M}" for at in starts(day, 1)}
            missing = {"02:15", "02:30", "02:45", "03:00"} if at_end and len(there) < 96 else set(clocks) - there
            rows.append((f"{day:%d.%m.%Y}", ["" if c in missing else "0,250" for c in clocks]))
        content = read(wide(clocks, rows), zone="Europe/Berlin", unit="kWh", values="interval")
        assert begins(only(content)) == starts(first, 3)
        assert found(content, "labels") == ("end" if at_end else "begin")

    def test_several_meters_in_rows(self) -> None:
        rows = [f"{meter};{at:%Y-%m-%dT%H:%MZ};{comma(k)}" for k, meter in ((0.25, "00012"), (0.5, "00013"))
                for at in starts(WINTER, 1)]  # fmt: skip
        content = read(lines("Zählernummer;Zeit;Verbrauch [kWh]", *rows), labels="begin", devices={"00013": "cnc-0007"})
        assert {name: round(energy.total, 3) for name, energy in content.energy.items()} == {
            "00012": 24.0,
            "cnc-0007": 48.0,
        }

    def test_several_meters_in_columns(self) -> None:
        rows = [f"{at:%Y-%m-%dT%H:%MZ},0.25,0.5" for at in starts(WINTER, 1)]
        content = read(lines("time,Press 1 [kWh],Press 2 [kWh]", *rows), labels="begin", values="interval")
        assert {name: energy.total for name, energy in content.energy.items()} == {
            "Press-1-kWh": 24.0,
            "Press-2-kWh": 48.0,
        }

    def test_from_and_until(self) -> None:
        rows = [f"{at:%Y-%m-%dT%H:%MZ},{at + timedelta(minutes=15):%Y-%m-%dT%H:%MZ},0.25" for at in starts(WINTER, 1)]
        assert begins(only(read(lines("von,bis,kWh Verbrauch", *rows)))) == starts(WINTER, 1)

    def test_labels_that_nothing_proves_are_asked(self) -> None:
        text = columns(starts(WINTER, 1)[20:40], "%Y-%m-%dT%H:%M%z")
        with pytest.raises(NotProved) as asked:
            read(text)
        assert asked.value.flag == "--labels begin"

    def test_an_exchanged_meter_and_a_blink(self) -> None:
        registers = (
            [100.0 + i for i in range(30)] + [0.0] + [131.0 + i for i in range(30)] + [5.0 + i for i in range(30)]
        )
        rows = [f"{at:%Y-%m-%dT%H:%MZ};{comma(value)}" for at, value in zip(starts(WINTER, 1), registers, strict=False)]
        content = read(lines("Zeit;Zählerstand [kWh]", *rows))
        assert only(content).total == pytest.approx(60.0 + 29.0)
        assert (found(content, "exchanges"), found(content, "blinks")) == ("1", "1")

    def test_what_comes_twice_counts_once(self) -> None:
        text = columns([*starts(WINTER, 1), *starts(WINTER, 1)[:4]], "%Y-%m-%dT%H:%M%z")
        content = read(text, labels="begin", values="interval")
        assert (only(content).total, found(content, "repeated")) == (24.0, "4")


class TestSignals:
    def test_names_follow_a_rule_that_is_shown(self) -> None:
        rows = [f"{at:%Y-%m-%dT%H:%MZ};21,5;5,3;12,1;0,8;77" for at in starts(WINTER, 1)]
        head = "Zeit;Temperatur Lager [°C];Druck [bar];Strom L1 [A];Schwingung (mm/s);Sensor-Nr"
        content = read(lines(head, *rows), "press.csv", device="press-1")
        assert list(content.signals["press-1"].values) == ["temperature", "pressure", "current", "schwingung"]

    def test_too_many_columns_are_chosen_by_pattern(self) -> None:
        rows = [f"{at:%Y-%m-%dT%H:%MZ}," + ",".join(["1.5"] * 50) for at in starts(WINTER, 1)]
        text = lines("time," + ",".join(f"{'Temp' if i < 3 else 'Flow'} {i}" for i in range(50)), *rows)
        with pytest.raises(NotProved, match="50 columns") as asked:
            read(text)
        assert asked.value.flag == "--columns 'Temp*'"
        assert len(read(text, columns="Temp*").signals["meter"].values) == 3


@pytest.mark.parametrize(
    ("raw", "error", "sentence"),
    [
        (b"", UnreadableFile, "empty"),
        (b" \n", UnreadableFile, "empty"),
        (b"hello\nworld\n", NotProved, "no separator"),
        (b"a,b\n1,2\n3,4\n", NotProved, "no column has times"),
        (b"PK\x03\x04 no workbook", UnreadableFile, "not a workbook"),
        (b"PAR1 no table", Exception, "par"),
        (b"time,kWh\n", UnreadableFile, "no rows|no separator|times"),
        (b"100,NEM12,1,a,b\n200,x\n", UnreadableFile, "line 2 is not a NEM12 record"),
    ],
)
def test_what_is_no_file_of_a_plant_is_refused_in_a_sentence(raw: bytes, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=f"(?i){sentence}"):
        read(raw)


class TestNamesOfMonths:
    @pytest.mark.parametrize(
        "day", ["2. März 2026", "2 mars 2026", "2 de marzo de 2026", "2 marca 2026", "02-Mrz-26", "Mar 2, 2026"]
    )
    def test_a_month_in_words_needs_no_order(self, day: str) -> None:
        rows = [f"{day} {at:%H:%M};1,25" for at in starts(WINTER, 1)]
        content = read(lines("Zeit;Verbrauch [kWh]", *rows), labels="begin", values="interval", zone="UTC")
        assert only(content).total == pytest.approx(120.0)
        assert found(content, "date_order") == "ymd"

    def test_a_time_without_a_zone_among_others_is_left_out_and_named(self) -> None:
        rows = [f"{at:%Y-%m-%dT%H:%M}{'' if i == 3 else 'Z'};1,25" for i, at in enumerate(starts(WINTER, 1))]
        content = read(lines("Zeit;Verbrauch [kWh]", *rows), labels="begin", values="interval")
        assert (len(only(content)), found(content, "zone_missing")) == (95, "1")


def test_a_row_without_a_time_is_left_out_where_labels_are_ends() -> None:
    rows = columns(starts(WINTER, 1)[1:], "%d.%m.%Y %H:%M").splitlines()
    rows.insert(40, "unknown;0,250")
    content = read(lines(*rows), zone="Europe/Berlin", labels="end", values="interval")
    assert (len(only(content)), found(content, "rows")) == (95, "1")


def test_whoever_reads_a_file_says_to_how_much_it_may_unpack() -> None:
    """A service that takes uploads has less room than a command at hand."""
    with pytest.raises(UnreadableFile, match="it unpacks to more than 1,000 bytes"):
        read_bytes(gzip.compress(b"0" * 2000), "load.csv.gz", Choices(), plant_zone="UTC", most=1000)
    assert MOST_UPLOADED_BYTES < MOST_BYTES


@pytest.mark.slow
def test_a_large_file_takes_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its times are unique and it has three signals: texts of all their parts would take a kilobyte for each row."""
    monkeypatch.setattr(cells_moments, "PIECE", 500)
    count = 5_000
    rows = (f"{at:%Y-%m-%dT%H:%M:%SZ},{20 + i % 997 / 100:.2f},{4 + i % 89 / 100:.3f},{i % 41}" for i, at in enumerate(
        NOW + timedelta(seconds=n) for n in range(count)))  # fmt: skip
    raw = lines("time,temperature,pressure,current", *rows).encode()
    tracemalloc.start()
    content = read_bytes(raw, "m.csv", Choices(), plant_zone="Europe/Berlin")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(content) == count
    assert peak / count < 400, "bytes for each row"


class TestHabitsOfCountries:
    """Each of these was read wrong, or refused in words that do not help."""

    def test_swiss_thousands_have_an_apostrophe_of_print(self) -> None:
        rows = [
            f"{at:%d.%m.%Y %H:%M};1\u2019{234 + i}.5" for i, at in enumerate(starts(WINTER, 1, zone=ZoneInfo("UTC")))
        ]
        content = read_bytes(
            lines("Zeitpunkt;Bezug kWh", *rows).encode("cp1252"), "ch.csv",
            Choices(zone="UTC", labels="begin", values="interval"), plant_zone="Europe/Zurich",
        )  # fmt: skip
        assert only(content).total == pytest.approx(sum(1234.5 + i for i in range(96)))
        assert found(content, "encoding") == "cp1252"

    @pytest.mark.parametrize("marks", ["AB", "ab"])
    def test_the_hour_that_comes_twice_may_be_marked_a_and_b(self, marks: str) -> None:
        """A is no AM: a time without a mark is on a clock of 24 hours."""
        rows = []
        for n, at in enumerate(starts(BEFORE_BACK, 3)):
            local = at.astimezone(PLANT_ZONE)
            is_doubled = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
            rows.append(f"{local:%d.%m.%Y %H:%M}{marks[local.fold] if is_doubled else ''};{n},25")
        content = read(lines("Zeit;kWh", *rows), values="interval", labels="begin")
        assert only(content).kwh.tolist() == [n + 0.25 for n in range(292)]
        assert "repeated" not in {finding.what for finding in content.findings}

    def test_zones_may_be_named_as_clocks_are(self) -> None:
        rows = [
            f"{at.astimezone(PLANT_ZONE):%d.%m.%Y %H:%M} {'MESZ' if at.astimezone(PLANT_ZONE).dst() else 'MEZ'};{n},25"
            for n, at in enumerate(starts(BEFORE_BACK, 3))
        ]
        content = read(lines("Zeit;kWh", *rows), values="interval", labels="begin")
        assert only(content).kwh.tolist() == [n + 0.25 for n in range(292)]
        assert only(content).start_ms[0] == round(midnight(BEFORE_BACK).timestamp() * 1000)

    def test_headings_that_repeat_have_the_names_above_them(self) -> None:
        rows = [f"{at:%Y-%m-%dT%H:%MZ};1,25;2,25;3,25" for at in starts(WINTER, 1)]
        text = lines(";Presse 1;Presse 2;;", "Zeit;Wirkarbeit [kWh];Wirkarbeit [kWh];Blindarbeit [kvarh]", *rows)
        content = read(text, values="interval", labels="begin")
        assert {name: each.total for name, each in content.energy.items()} == {
            "Presse-1-Wirkarbeit-kWh": pytest.approx(120.0),
            "Presse-2-Wirkarbeit-kWh": pytest.approx(216.0),
        }
        assert [list(signals.values) for signals in content.signals.values()] == [["blindarbeit"]]

    def test_a_line_with_too_many_cells_is_named(self) -> None:
        rows = [f"{at:%Y-%m-%dT%H:%MZ};1,25{';x' if n == 7 else ''}" for n, at in enumerate(starts(WINTER, 1))]
        content = read(lines("Zeit;kWh", *rows), values="interval", labels="begin")
        assert found(content, "rows") == "1"
        assert len(only(content)) == 95
