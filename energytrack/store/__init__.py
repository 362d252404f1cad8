"""The port to the database: a `Store` with one family of collections per attribute; values in and out.

Telemetry is written at least once, so every query here counts a (device, timestamp) once. The database keeps
milliseconds. MongoDB is hidden inside this package: no document and no driver error leaves it.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

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
from energytrack.store.unreadable import UnreadableDocuments


@dataclass(frozen=True)
class Store:
    """The database, with its families of collections; safe to share between threads."""

    link: Link
    schema: Schema
    readings: Readings
    insights: Insights
    events: Events
    devices: Devices
    meters: Meters
    commands: Commands
    locks: Locks
    alarms: Alarms
    tokens: Tokens
    schedules: Schedules
    changes: ChangeCounters
    models: Models
    runs: Runs
    minutes: Minutes
    ledger: Ledger
    openings: Openings
    rollups: Rollups
    spells: Spells
    corrections: Corrections
    edition: LedgerEdition
    imports: Imports
    finished_parts: FinishedParts
    imported_rates: RatesOfImports
    machines: MachineRecords
    audit: Audit
    report_mails: ReportMails
    baselines: Baselines
    measures: Measures
    variables: Variables
    stop_reasons: StopReasons
    pages: Pages
    quarters: Quarters
    meter_states: Meters
    """Those of plant meters, like the next three: no sum over machines ever includes them."""
    meter_ledger: Ledger
    meter_openings: Openings
    meter_rollups: Rollups

    def of_meters(self) -> "Store":
        """The same store with the ledger of plant meters instead of that of machines."""
        return replace(
            self, meters=self.meter_states, ledger=self.meter_ledger, openings=self.meter_openings,
            rollups=self.meter_rollups,
        )  # fmt: skip

    def prepare(self) -> None:
        """Create missing collections and indexes; harmless if repeated, or run by two services at once.

        Raises StoreTooNew if a newer release has written here.
        """
        self.schema.claim()
        for family in (
            self.readings,
            self.insights,
            self.events,
            self.devices,
            self.meters,
            self.commands,
            self.locks,
            self.alarms,
            self.tokens,
            self.schedules,
            self.changes,
            self.models,
            self.runs,
            self.minutes,
            self.ledger,
            self.openings,
            self.rollups,
            self.spells,
            self.corrections,
            self.imports,
            self.finished_parts,
            self.imported_rates,
            self.machines,
            self.audit,
            self.report_mails,
            self.baselines,
            self.measures,
            self.variables,
            self.stop_reasons,
            self.pages,
            self.quarters,
            self.meter_states,
            self.meter_ledger,
            self.meter_openings,
            self.meter_rollups,
        ):
            family.prepare()

    @property
    def unreadable(self) -> UnreadableDocuments:
        """The documents that this release could not read, for a metric."""
        return self.link.unreadable

    def ping(self) -> None:
        """Return when the database answers; raises StoreUnavailable after a few seconds without an answer."""
        self.link.ping()

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Limits several calls of one thread to `seconds` in total; raises StoreUnavailable after that."""
        return self.link.within(seconds)

    def close(self) -> None:
        self.link.close()
