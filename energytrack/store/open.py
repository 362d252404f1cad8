"""Opens a service's store."""

from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.energy.baselines import Baselines
from energytrack.store.energy.corrections import Corrections
from energytrack.store.energy.edition import LedgerEdition
from energytrack.store.energy.imported_rates import RatesOfImports
from energytrack.store.energy.measures import Measures
from energytrack.store.energy.quarters import Quarters
from energytrack.store.energy.report_mails import ReportMails
from energytrack.store.energy.variables import Variables
from energytrack.store.learning.models import Models
from energytrack.store.learning.runs import Runs
from energytrack.store.link import Link
from energytrack.store.meters import Meters
from energytrack.store.operations.alarms import Alarms
from energytrack.store.operations.audit import Audit
from energytrack.store.operations.changes import ChangeCounters
from energytrack.store.operations.commands import Commands
from energytrack.store.operations.locks import Locks
from energytrack.store.operations.machines import MachineRecords
from energytrack.store.operations.pages import Pages
from energytrack.store.operations.schedules import Schedules
from energytrack.store.operations.stop_reasons import StopReasons
from energytrack.store.operations.tokens import Tokens
from energytrack.store.schema import Schema
from energytrack.store.telemetry.devices import Devices
from energytrack.store.telemetry.events import Events
from energytrack.store.telemetry.finished_parts import FinishedParts
from energytrack.store.telemetry.imports import Imports
from energytrack.store.telemetry.insights import Insights
from energytrack.store.telemetry.ledger import Ledger
from energytrack.store.telemetry.minutes import Minutes
from energytrack.store.telemetry.openings import Openings
from energytrack.store.telemetry.readings import Readings
from energytrack.store.telemetry.rollups import Rollups
from energytrack.store.telemetry.spells import Spells


def open_store(settings: MongoSettings) -> Store:
    """A store that connects when it is first used; raises StoreRefused for an invalid address."""
    link = Link(settings.uri.get_secret_value(), settings.database)
    readings = Readings(link, days=settings.readings_days, indexed=settings.index_readings)
    corrections = Corrections(link)
    return Store(
        link=link,
        schema=Schema(link),
        readings=readings,
        insights=Insights(link, days=settings.insights_days),
        events=Events(link),
        devices=Devices(link),
        meters=Meters(link),
        commands=Commands(link),
        locks=Locks(link),
        alarms=Alarms(link),
        tokens=Tokens(link),
        schedules=Schedules(link),
        changes=ChangeCounters(link),
        models=Models(link),
        runs=Runs(link),
        minutes=Minutes(link, readings),
        ledger=Ledger(link, corrections),
        openings=Openings(link),
        rollups=Rollups(link),
        spells=Spells(link),
        corrections=corrections,
        edition=LedgerEdition(link),
        imports=Imports(link),
        finished_parts=FinishedParts(link),
        imported_rates=RatesOfImports(link),
        machines=MachineRecords(link),
        audit=Audit(link),
        report_mails=ReportMails(link),
        baselines=Baselines(link),
        measures=Measures(link),
        variables=Variables(link),
        stop_reasons=StopReasons(link),
        pages=Pages(link),
        quarters=Quarters(link),
        meter_states=Meters(link, name="plant_meters"),
        meter_ledger=Ledger(link, corrections, name="plant_meter_days"),
        meter_openings=Openings(link, name="plant_meter_openings"),
        meter_rollups=Rollups(link, name="plant_meter_months", years_name="plant_meter_years"),
    )
