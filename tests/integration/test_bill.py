"""`python -m energytrack.bill` on a real database: the table, JSON and CSV of one month."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from energytrack.bill.__main__ import main
from energytrack.bill.load import Month
from energytrack.ledger.local_days import dates
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from testkit.builders.ledger import a_correction, a_day
from testkit.dates import NOW, PLANT_ZONE

MONTH = Month.before(NOW.astimezone(PLANT_ZONE))
CONTRACT = """
[tariff]
currency = "CHF"
bands = [{ name = "all day", price_per_kwh = 0.25 }]

[[tariff.offers]]
name = "Green"
standing_charge_per_month = 10.0
bands = [{ name = "all day", price_per_kwh = 0.30 }]
"""


@pytest.fixture
def env(tmp_path: Path, mongo_uri: str, mongo_database: str) -> Iterator[Mapping[str, str]]:
    """A plant of two machines, and a month of the one in the ledger."""
    text = Path("plant.toml").read_text(encoding="utf-8")
    before, rest = text.split("[tariff]", 1)
    file = tmp_path / "plant.toml"
    file.write_text(before + CONTRACT + rest[rest.index("\n[[shifts]]") :], encoding="utf-8")
    settings = {"ENERGYTRACK_MONGO_URI": mongo_uri, "ENERGYTRACK_MONGO_DATABASE": mongo_database}
    with closing(open_store(MongoSettings.from_env(settings))) as store:
        store.prepare()
        store.ledger.put([a_day("cnc-0001", day) for day in dates(MONTH.first, MONTH.last)])
        store.corrections.add(a_correction(0, 4, day=MONTH.first, device_id="cnc-0001", decision="value", kwh=100.0))
        yield {**settings, "ENERGYTRACK_PLANT_FILE": str(file), "ENERGYTRACK_PLANT_DEVICES": "6"}


def printed(capsys: pytest.CaptureFixture[str], env: Mapping[str, str], *arguments: str) -> str:
    main(env, ["--month", str(MONTH), *arguments])
    return capsys.readouterr().out


def test_json(env: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whole quarter hours of 2 kWh, but for one hour of which somebody said that it was 100 kWh."""
    bill = json.loads(printed(capsys, env, "--format", "json"))
    hours = sum(len(a_day(day=day)) for day in dates(MONTH.first, MONTH.last)) / 4
    kwh = 8 * (hours - 1) + 100
    assert (bill["month"], bill["currency"], bill["machines"]) == (str(MONTH), "CHF", 1)
    (line,) = bill["invoice"]["lines"]
    assert line["quantity"] == pytest.approx(kwh)
    assert bill["invoice"]["total"] == pytest.approx(0.25 * kwh)
    assert bill["sums"]["corrected_kwh"] == pytest.approx(100.0)
    (green,) = bill["others"]
    assert (green["contract"], green["total"]) == ("Green", pytest.approx(0.30 * kwh + 10.0))
    assert green["difference"] == pytest.approx(0.05 * kwh + 10.0, abs=0.01)


def test_csv(env: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(printed(capsys, env, "--format", "csv"))))
    assert [(row["contract"], row["name"]) for row in rows] == [
        ("contract", "all day"), ("contract", "total"),
        ("Green", "all day"), ("Green", "standing charge"), ("Green", "total"),
    ]  # fmt: skip
    assert float(rows[0]["amount"]) == float(rows[1]["amount"]) > 0


def test_a_table(env: Mapping[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    text = printed(capsys, env)
    for word in ("all day", "CHF", "total", "100.0 kWh of it were decided by people", "Green", "standing charge"):
        assert word in text


def test_a_month_that_is_none(env: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(env, ["--month", "13-2026"])
    assert "expected a month as 2026-10" in capsys.readouterr().err
