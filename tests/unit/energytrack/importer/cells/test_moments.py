"""Times as plants write them, one trap per test: what comes out is right, or the question names the flag."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from energytrack.importer.choices import NotProved
from testkit.builders.import_files import columns, comma, lines, midnight, starts, trap
from testkit.dates import PLANT_ZONE
from tests.unit.energytrack.importer.contents import BEFORE_BACK, BEFORE_FORWARD, WINTER, begins, found, only, read

CHICAGO = ZoneInfo("America/Chicago")


class TestTheClassicTrap:
    """Quarter hours labelled by their end, where 00:00 bears the date of the day that ends."""

    @pytest.mark.parametrize("first", [WINTER, BEFORE_FORWARD, BEFORE_BACK])
    def test_each_quarter_hour_is_where_it_belongs(self, first: date) -> None:
        """On ordinary days, and over both changes of the clocks."""
        content = read(trap(first, 3).encode("cp1252"), zone="Europe/Berlin")
        assert begins(only(content)) == starts(first, 3)
        assert only(content).total == pytest.approx(0.25 * len(starts(first, 3)))
        assert (found(content, "labels"), found(content, "midnights")) == ("end", "3")

    def test_what_stands_around_the_table_is_left_out(self) -> None:
        content = read(trap(WINTER, 2).encode("cp1252"), zone="Europe/Berlin")
        assert (found(content, "preamble"), found(content, "totals")) == ("2", "1")
        assert (found(content, "encoding"), found(content, "separator"), found(content, "decimal")) == (
            "cp1252",
            ";",
            ",",
        )

    @pytest.mark.parametrize("first", [BEFORE_FORWARD, BEFORE_BACK])
    def test_a_clock_change_proves_the_zone(self, first: date) -> None:
        assert found(read(trap(first, 3)), "zone") == "Europe/Berlin"

    def test_without_one_the_zone_is_asked(self) -> None:
        with pytest.raises(NotProved) as asked:
            read(trap(WINTER, 3))
        assert (asked.value.what, asked.value.flag) == ("zone", "--zone Europe/Berlin")


class TestClocks:
    def test_times_of_utc_are_not_taken_for_local_ones(self) -> None:
        """The hour that does not exist here is there."""
        with pytest.raises(NotProved, match="do not exist in Europe/Berlin"):
            read(columns(starts(BEFORE_FORWARD, 3), "%d.%m.%Y %H:%M", zone=ZoneInfo("UTC")), labels="begin")

    def test_a_doubled_hour_that_is_there_once_is_asked(self) -> None:
        moments = [at for at in starts(BEFORE_BACK, 3) if at.astimezone(PLANT_ZONE).fold == 0]
        text = columns(moments, "%Y-%m-%d %H:%M")
        with pytest.raises(NotProved, match="occurs twice in Europe/Berlin is in the file once"):
            read(text, labels="begin", values="interval")
        content = read(text, labels="begin", values="interval", zone="Europe/Berlin")
        assert begins(only(content)) == moments
        assert found(content, "doubled hour") is None

    @pytest.mark.parametrize("first", [BEFORE_FORWARD, BEFORE_BACK])
    def test_labels_at_the_beginning_over_a_clock_change(self, first: date) -> None:
        moments = starts(first, 3)
        content = read(columns(moments, "%Y-%m-%d %H:%M"))
        assert begins(only(content)) == moments
        assert found(content, "labels") == "begin"

    def test_the_end_of_the_first_doubled_hour_may_be_written_by_the_old_time(self) -> None:
        """02:45 summer time to 03:00 summer time, which is 02:00."""
        moments = starts(BEFORE_BACK, 3)
        rows = []
        for at in moments:
            local = at.astimezone(PLANT_ZONE).replace(tzinfo=None) + timedelta(minutes=15)
            rows.append(f"{local:%Y-%m-%d %H:%M};0,250")
        content = read(lines("Zeit;Verbrauch [kWh]", *rows))
        assert begins(only(content)) == moments

    def test_times_with_an_offset_need_no_zone(self) -> None:
        moments = starts(BEFORE_BACK, 2)
        content = read(columns(moments, "%Y-%m-%dT%H:%M:%S%z"))
        assert begins(only(content)) == moments
        assert found(content, "zone") == "UTC"

    def test_newest_first_is_turned_round(self) -> None:
        moments = starts(BEFORE_BACK, 3)
        assert begins(only(read(columns(reversed(moments), "%Y-%m-%d %H:%M")))) == moments

    def test_24_00_is_the_end_of_the_day(self) -> None:
        rows = [f"{WINTER:%d.%m.%Y};{i // 4:02d}:{i % 4 * 15:02d};0,5" for i in range(1, 97)]
        content = read(lines("Datum;Uhrzeit;Wirkarbeit (kWh)", *rows), zone="Europe/Berlin", values="interval")
        assert begins(only(content)) == starts(WINTER, 1)


class TestDates:
    def test_a_compact_date_is_no_number(self) -> None:
        rows = [f"{WINTER + timedelta(days=i):%Y%m%d};{i + 5}" for i in range(10)]
        content = read(lines("Tag;kWh", *rows), zone="Europe/Berlin", labels="begin", values="interval")
        assert begins(only(content))[:2] == [midnight(WINTER), midnight(WINTER + timedelta(days=1))]

    def test_a_spreadsheets_days_are_proved_by_their_neighbours(self) -> None:
        first = (WINTER - date.fromisoformat("1899-12-30")).days
        rows = [f"{comma(first + i / 96, 4)};{comma(2.0, 1)}" for i in range(96)]
        content = read(lines("Zeit;Leistung [kW]", *rows), zone="Europe/Berlin")
        assert begins(only(content)) == starts(WINTER, 1)
        assert only(content).total == pytest.approx(48.0)

    @pytest.mark.parametrize("per_second", [1, 1000, 1_000_000])
    def test_counts_since_1970_tell_their_unit(self, per_second: int) -> None:
        moments = starts(WINTER, 1)
        rows = [f"{int(at.timestamp()) * per_second},{20 + i / 8}" for i, at in enumerate(moments)]
        content = read(lines("ts,temperature", *rows), "pump 1.csv")
        assert content.signals["pump-1"].at_ms.tolist() == [round(at.timestamp() * 1000) for at in moments]
