"""One file of each format, read as a whole."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from energytrack.events import Failure, MaintenanceDone
from energytrack.importer.choices import UnreadableFile
from testkit.builders.import_files import espi, lines, midnight, nem12, starts, telegram, works_year
from testkit.dates import DAY, PLANT_ZONE
from tests.unit.energytrack.importer.contents import BEFORE_BACK, WINTER, begins, found, only, read


class TestFormats:
    def test_nem12(self) -> None:
        """The market's time has no summer time; reactive energy is no energy."""
        content = read(nem12(WINTER, 0.5, 0.25), "au.csv")
        assert only(content).total == pytest.approx(36.0)
        assert begins(only(content))[0] == datetime(DAY.year, 1, 12, 14, tzinfo=UTC)

    def test_dsmr_telegrams(self) -> None:
        """The tariffs are added; a telegram that is cut off is left out."""
        moments = starts(BEFORE_BACK, 2)
        text = "".join(telegram(at, 100 + 0.1 * i, 200 + 0.2 * i) for i, at in enumerate(moments))
        content = read(text + telegram(moments[-1], 999, 999)[:120], "p1.txt")
        assert content.energy["K8EG004046395507"].total == pytest.approx(0.3 * (len(moments) - 1))
        assert begins(only(content)) == moments[:-1]
        assert found(content, "damaged") == "1"

    def test_a_telegram_of_a_day_that_does_not_exist_is_no_meter(self) -> None:
        (moment,) = starts(WINTER, 1)[:1]
        day = f"{moment.astimezone(PLANT_ZONE):%y%m%d}"
        with pytest.raises(UnreadableFile, match="no telegram in it has a time and a register"):
            read(telegram(moment, 1, 2).replace(day, f"{day[:2]}0631"), "p1.txt")

    def test_green_button(self) -> None:
        moments = starts(WINTER, 1, step=timedelta(hours=1))
        content = read(espi(moments, 1500, power_of_ten=-1), "usage.xml")
        assert content.energy["Hall-3"].total == pytest.approx(24 * 0.15)
        assert begins(only(content)) == moments

    def test_green_button_with_entities_is_refused(self) -> None:
        with pytest.raises(UnreadableFile, match="entities"):
            read('<!DOCTYPE feed [<!ENTITY a "b">]>' + espi(starts(WINTER, 1), 1.0))

    def test_a_steel_works_as_in_public_data(self) -> None:
        """Reactive energy of a lagging current and its power factor are no amperes."""
        content = read(works_year(WINTER, 2), "works.csv", labels="end", device="works", zone="Europe/Berlin")
        (signals,) = content.signals.values()
        assert "current" not in signals.values
        assert {"lagging_current_reactive_power_kvarh", "lagging_current_power_factor", "co2"} <= signals.values.keys()
        assert begins(only(content))[0] == midnight(WINTER)

    def test_influxdb(self) -> None:
        rows = [
            f",,0,x,y,{at:%Y-%m-%dT%H:%M:%SZ},{20 + i / 8},temperature,plant,cnc-1"
            for i, at in enumerate(starts(WINTER, 1))
        ]
        head = [
            "#group,false,false,true,true,false,false,true,true,true",
            "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string,string",
            "#default,mean,,,,,,,,",
            ",result,table,_start,_stop,_time,_value,_field,_measurement,device",
        ]
        content = read(lines(*head, *rows, end="\r\n"))
        assert content.signals["cnc-1"].values["temperature"][[0, -1]].tolist() == [20.0, 20 + 95 / 8]

    def test_grafana_writes_units_into_cells(self) -> None:
        rows = [f'"{at:%Y-%m-%d %H:%M:%S}",{20 + i / 8} °C,{i} kW' for i, at in enumerate(starts(WINTER, 1))]
        content = read(
            lines('"Time","Spindle","Power"', *rows),
            "g.csv",
            zone="UTC",
            labels="begin",
            signals={"Spindle": "temperature"},
        )
        assert content.signals["g"].values["temperature"][-1] == 20 + 95 / 8
        assert content.energy["g"].total == pytest.approx(sum(range(96)) / 4)

    def test_home_assistant_has_an_entity_per_row(self) -> None:
        rows = []
        for i, at in enumerate(starts(WINTER, 1)):
            rows.append(f"sensor.energy_total,{100 + i / 8},{at:%Y-%m-%dT%H:%M:%S}.000Z")
            rows.append(f"sensor.temp_hall,{'unavailable' if i == 3 else 20},{at:%Y-%m-%dT%H:%M:%S}.000Z")
        content = read(lines("entity_id,state,last_changed", *rows), "ha.csv", unit="kWh", device="hall")
        assert content.energy["hall"].total == pytest.approx(95 / 8)
        assert int(np.isnan(content.signals["hall"].values["temperature"]).sum()) == 1

    def test_a_workbook(self) -> None:
        openpyxl = pytest.importorskip("openpyxl", reason="nothing here writes workbooks")
        book = openpyxl.Workbook()
        book.active.append(["Lastgang Werk 1"])
        book.active.append(["Zeitpunkt", "Verbrauch [kWh]"])
        for at in starts(WINTER, 1):
            book.active.append([at.astimezone(PLANT_ZONE).replace(tzinfo=None), 0.25])
        file = io.BytesIO()
        book.save(file)
        content = read(file.getvalue(), "lastgang.xlsx", zone="Europe/Berlin")
        assert begins(only(content)) == starts(WINTER, 1)
        assert only(content).total == pytest.approx(24.0)

    def test_a_workbook_that_asks_for_gigabytes_is_refused(self) -> None:
        """One cell far away: all those before it would take room."""
        openpyxl = pytest.importorskip("openpyxl", reason="nothing here writes workbooks")
        book = openpyxl.Workbook()
        book.active.append(["time", "kWh"])
        book.active.cell(row=1_048_576, column=40, value=1)
        file = io.BytesIO()
        book.save(file)
        with pytest.raises(UnreadableFile, match="more than 8,000,000 cells: export the table as CSV"):
            read(file.getvalue(), "bomb.xlsx")

    def test_a_parquet_file_that_asks_for_gigabytes_is_refused(self) -> None:
        """The same value again and again takes no room in the file."""
        pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")
        file = io.BytesIO()
        pd.DataFrame({f"c{i}": np.zeros(1_000_000, dtype=np.int8) for i in range(33)}).to_parquet(file)
        with pytest.raises(UnreadableFile, match="more than 8,000,000 cells"):
            read(file.getvalue(), "bomb.parquet")

    def test_a_parquet_file_with_one_long_text_in_many_rows_is_refused(self) -> None:
        arrow = pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")
        parquet = pytest.importorskip("pyarrow.parquet")
        rows = np.zeros(3000, dtype=np.int32)
        texts = arrow.DictionaryArray.from_arrays(arrow.array(rows), arrow.array(["x" * 100_000]))
        file = io.BytesIO()
        table = arrow.table({"text": texts, "kWh": rows})
        parquet.write_table(
            table, file, compression="zstd", dictionary_pagesize_limit=1_000_000, store_schema=False,
            write_statistics=False,
        )  # fmt: skip
        with pytest.raises(UnreadableFile, match="texts in its cells unfold to more than 256,000,000 bytes"):
            read(file.getvalue(), "bomb.parquet")

    def test_parquet(self) -> None:
        pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")
        table = pd.DataFrame({"time": pd.DatetimeIndex(starts(WINTER, 1)), "temperature": np.arange(96.0)})
        file = io.BytesIO()
        table.to_parquet(file)
        assert read(file.getvalue(), "p.parquet").signals["p"].values["temperature"][-1] == 95.0

    def test_events_of_a_maintenance_system(self) -> None:
        rows = [
            f"{WINTER:%d.%m.%Y} 10:00;cnc-0007;Ausfall;Spindel",
            f"{WINTER:%d.%m.%Y} 14:30;cnc-0007;Reparatur;Spindel",
        ]
        content = read(lines("Datum;Maschine;Art;Bauteil", *rows, ";;Notiz;"), zone="Europe/Berlin")
        failure, repair = content.events
        assert isinstance(failure, Failure)
        assert isinstance(repair, MaintenanceDone)
        assert failure.timestamp == midnight(WINTER) + timedelta(hours=10)
        assert (failure.mode, repair.component) == ("Spindel", "Spindel")
