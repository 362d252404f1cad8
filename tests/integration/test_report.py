"""`python -m energytrack.report` on a real database: its numbers are those of the ledger and of the bill."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from energytrack.baselines.regression import fit
from energytrack.baselines.validity import checks_of
from energytrack.bill.invoice import cents
from energytrack.bill.load import Month
from energytrack.bill.reading import Bills
from energytrack.clock import ManualClock
from energytrack.ledger.local_days import dates
from energytrack.ledger.sums import total
from energytrack.plant import Plant, load_plant
from energytrack.report.__main__ import main
from energytrack.report.gathering import Reports
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.learning.runs import Run
from energytrack.store.open import open_store
from energytrack.store.operations.alarms import LogEntry
from testkit.builders.baselines import a_baseline, a_measure, a_table, noise
from testkit.builders.ledger import a_correction, a_day
from testkit.builders.messages import an_event
from testkit.dates import NOW, PLANT_ZONE
from testkit.stand_ins.mail import mail_server

MONTH = Month.before(NOW.astimezone(PLANT_ZONE))
ADDITION = """
[[tariff.emissions]]
valid_from = 2000-01-01
location_kg_per_kwh = 0.4
source = "Agency"
"""
FAILURE = a_day(day=MONTH.first.replace(day=15)).start


@pytest.fixture
def plant_file(tmp_path: Path) -> Path:
    """The example plant, which writes German and knows the emissions of its grid."""
    text = Path("plant.toml").read_text(encoding="utf-8").replace("time_zone", 'language = "de"\ntime_zone', 1)
    file = tmp_path / "plant.toml"
    file.write_text(text + ADDITION, encoding="utf-8")
    return file


@pytest.fixture
def plant(plant_file: Path) -> Plant:
    return load_plant(plant_file, devices=6)


@pytest.fixture
def env(plant_file: Path, mongo_uri: str, mongo_database: str) -> Mapping[str, str]:
    return {
        "ENERGYTRACK_MONGO_URI": mongo_uri, "ENERGYTRACK_MONGO_DATABASE": mongo_database,
        "ENERGYTRACK_PLANT_FILE": str(plant_file), "ENERGYTRACK_PLANT_DEVICES": "6",
    }  # fmt: skip


@pytest.fixture
def store(env: Mapping[str, str], plant: Plant) -> Iterator[Store]:
    """A month of two machines and a decision; a failure with a warning, one without, and a verdict."""
    with closing(open_store(MongoSettings.from_env(env))) as store:
        store.prepare()
        first, second = plant.devices[0].device_id, plant.devices[1].device_id
        for device_id, kwh in ((first, 2.0), (second, 0.3)):
            days = dates(MONTH.previous.last, MONTH.last)
            store.ledger.put([a_day(device_id, day, measured_kwh=kwh, idle_kwh=0.1) for day in days])
        store.corrections.add(a_correction(0, 4, day=MONTH.first, device_id=first, decision="value", kwh=100.0))
        at = NOW.fromtimestamp(FAILURE, PLANT_ZONE)
        store.events.put([
            an_event("failure", first, timestamp=at, mode="bearing", event_id="f1"),
            an_event("failure", second, timestamp=at, mode="bearing", event_id="f2"),
        ])  # fmt: skip
        _log(store, "FailureRiskHigh", first, at - timedelta(hours=3), "opened")
        _log(store, "FailureRiskHigh", first, at + timedelta(hours=1), "judged", verdict="true_alarm")
        _log(store, "IdleBetweenShifts", second, at, "opened")
        store.runs.add(Run(run_id="01", trigger="hand", started_at=at, finished_at=at, verdict="promoted",
                           version="v2", before="v1"))  # fmt: skip
        yield store


def _log(store: Store, rule: str, device_id: str, at: object, deed: str, **fields: object) -> None:
    entry = LogEntry(
        entry_id=f"{at}{rule}{deed}", alarm_id=f"{rule}/{device_id}", rule=rule, device_id=device_id, episode=1,
        opened_at=at, at=at, deed=deed, by="rule", role="", address="", **fields,  # type: ignore[arg-type]
    )  # fmt: skip
    store.link.insert("alarm_log", [_document(entry)])


def _document(entry: LogEntry) -> dict[str, object]:
    fields = {name: getattr(entry, name) for name in entry.__struct_fields__}
    return {"_id": fields.pop("entry_id"), **fields}


def test_its_numbers_are_the_ledgers_and_the_bills(store: Store, plant: Plant) -> None:
    """To the bit, so to the cent."""
    report = Reports(store, plant, ManualClock(NOW)).of(MONTH)
    bills = Bills(store, plant, ManualClock(NOW))
    ledger = total(day.sums() for day in bills.days(MONTH))
    assert report.bill == bills.of(MONTH)
    assert report.sums.kwh == pytest.approx(ledger.kwh, rel=1e-12)
    for parts in (report.lines, report.machines, report.days):
        whole = total(part.sums for part in parts)
        assert (cents(whole.cost), cents(whole.idle_cost)) == (cents(ledger.cost), cents(ledger.idle_cost))
    assert report.emissions.location_kg == pytest.approx(0.4 * ledger.counted_kwh)
    assert (report.location_kg is None, report.market_kg) == (False, None)
    assert len(report.corrections) == 1
    assert report.emission_sources == ("Agency",)


def test_it_knows_alarms_verdicts_and_how_the_model_did(store: Store, plant: Plant) -> None:
    report = Reports(store, plant, ManualClock(NOW)).of(MONTH)
    counts = {each.rule: (each.alarms, each.true_alarms, each.not_judged) for each in report.alarms}
    assert counts == {"FailureRiskHigh": (1, 1, 0), "IdleBetweenShifts": (1, 0, 1)}
    model = report.model
    assert (model.failures, model.warned, model.retrained, model.promoted) == (2, 1, 1, 1)
    assert model.version == "v2"


def test_the_plot_of_the_year_ends_with_the_month(store: Store, plant: Plant) -> None:
    """Before the last day of the month before, nothing is known."""
    carpet = Reports(store, plant, ManualClock(NOW)).of(MONTH, whole_year=True).carpet
    assert carpet is not None
    known = [any(hour is not None for hour in day) for day in carpet.days]
    assert known == [False] * (len(carpet.days) - MONTH.days - 1) + [True] * (MONTH.days + 1)
    assert len(carpet.days) in {365, 366}


def test_the_command_writes_both_files_in_the_language_of_the_plant(
    store: Store, env: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(env, ["--month", str(MONTH), "--folder", str(tmp_path / "out"), "--no-year"])
    pdf, xlsx = (Path(line) for line in capsys.readouterr().out.splitlines())
    assert pdf.read_bytes().startswith(b"%PDF")
    assert openpyxl.load_workbook(xlsx).sheetnames[0] == "Übersicht"


def test_the_command_sends_it(store: Store, env: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with mail_server() as (address, taken):
        settings = {
            "ENERGYTRACK_REPORT_MAIL_TO": "ceo@example.com", "ENERGYTRACK_ALERTS_SMTP_HOST": address,
            "ENERGYTRACK_ALERTS_SMTP_REQUIRE_TLS": "false",
        }  # fmt: skip
        main({**env, **settings}, ["--month", str(MONTH), "--mail", "--no-year", "--language", "pl"])
    assert taken[0]["Subject"].startswith("Raport energetyczny Example plant")
    assert capsys.readouterr().out == "sent to ceo@example.com\n"


def test_without_addresses_nothing_is_sent(env: Mapping[str, str]) -> None:
    with pytest.raises(SystemExit, match="ENERGYTRACK_REPORT_MAIL_TO and ENERGYTRACK_ALERTS_SMTP_HOST"):
        main(env, ["--mail"])


def test_it_says_what_measures_have_proved(store: Store, plant: Plant) -> None:
    """28.8 kWh a day where 60 were usual, and a measure that began without a baseline."""
    device_id = plant.devices[1].device_id
    table = a_table({}, (60.0 + noise(60, seed=3)).tolist(), first=MONTH.first - timedelta(days=60))
    found = fit(table)
    store.baselines.add(
        a_baseline(device_id=device_id, hours="all", first=table.rows[0].day, last=MONTH.first - timedelta(days=1),
                   fit=found, checks=checks_of(found, table))
    )  # fmt: skip
    store.measures.add(a_measure(name="off after work", device_id=device_id, start=MONTH.first))
    store.measures.add(a_measure(measure_id="02M", name="later", baseline_id=None, start=MONTH.last))
    proved, not_proved = sorted(Reports(store, plant, ManualClock(NOW)).of(MONTH).measures, key=lambda each: each.since)
    days = MONTH.days
    assert (proved.title, proved.expected_kwh) == ("off after work", 40.0 * days)
    assert proved.proved_kwh == pytest.approx((60.0 - 28.8) * days, rel=0.02)
    assert proved.low_kwh is not None
    assert proved.low_kwh < (proved.proved_kwh or 0.0)
    assert (not_proved.title, not_proved.expected_kwh, not_proved.proved_kwh) == ("later", 40.0, None)


def test_it_has_the_meters_of_the_plant_and_energy_against_its_baselines(store: Store, plant: Plant) -> None:
    """CUSUM from the end of the baseline period on, used and expected energy of the month alone."""
    device_id, before = plant.devices[1].device_id, MONTH.first - timedelta(days=10)
    table = a_table({}, (60.0 + noise(60, seed=3)).tolist(), first=before - timedelta(days=60))
    found = fit(table)
    store.baselines.add(
        a_baseline(device_id=device_id, hours="all", first=table.rows[0].day, last=before - timedelta(days=1),
                   fit=found, checks=checks_of(found, table))
    )  # fmt: skip
    store.ledger.put([a_day(device_id, before + timedelta(days=n), measured_kwh=0.5) for n in range(10)])
    month = list(dates(MONTH.first, MONTH.last))
    store.meter_ledger.put([a_day("main", day, measured_kwh=9.0, suspect_kwh={0: 3.0}) for day in month])
    report = Reports(store, plant, ManualClock(NOW)).of(MONTH)
    (course,) = report.courses
    assert (course.days, len(course.cusum)) == (MONTH.days, MONTH.days + 10)
    assert course.cusum[9][1] == pytest.approx(10 * (48.0 - 60.0), rel=0.05)
    assert course.used_kwh - course.expected_kwh == pytest.approx(course.cusum[-1][1] - course.cusum[9][1])
    (main,) = report.meters
    quarters = sum(len(day.measured_kwh) for day in store.meter_ledger.days(["main"], MONTH.first, MONTH.last))
    assert main.used == pytest.approx(9.0 * (quarters - MONTH.days))
    assert (main.suspect, main.base_load) == (3.0 * MONTH.days, 36.0)
    assert [report.unit_of(name) for name in (device_id, "main", "air")] == ["kWh", "kWh", "m³"]
