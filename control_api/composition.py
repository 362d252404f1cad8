"""The composition root of the control API: `python -m control_api` uses Kafka, tests a bus in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx
from prometheus_client import CollectorRegistry
from ulid import ULID

from control_api.alarms.case_service import CaseService
from control_api.alarms.firing import PrometheusRules
from control_api.alarms.reconciliation import Reconciliation
from control_api.alarms.service import AlarmService
from control_api.annotations import Annotations, annotating_client
from control_api.auth.access import Authenticator
from control_api.auth.credentials import Credentials
from control_api.auth.grafana import GrafanaSessions
from control_api.baselines.service import BaselineService
from control_api.bill.service import BillService
from control_api.bulk.service import BulkService
from control_api.devices.cache import FleetCache
from control_api.devices.service import DeviceService
from control_api.energy.service import EnergyService
from control_api.imports.service import ImportService
from control_api.live.fleet import LiveFleet
from control_api.locks.service import LockService
from control_api.machines.service import MachineService
from control_api.measures.metrics import MeasureMetricsCollector
from control_api.measures.service import MeasureService
from control_api.measures.shutdowns import ShutdownAcceptance
from control_api.orders.metrics import OrderObserver
from control_api.orders.pending import PendingOrders
from control_api.orders.service import OrderService
from control_api.paging.channels import Channels
from control_api.paging.service import PagingService
from control_api.peak.metrics import PeakCollector
from control_api.peak.service import PeakGuard
from control_api.plant_meters.service import PlantMeterService
from control_api.production.metrics import ProductionCollector
from control_api.production.service import ProductionService
from control_api.record_metrics import RecordMetrics
from control_api.reports.service import ReportService
from control_api.schedules.service import ScheduleService
from control_api.settings import ControlApiSettings, named
from energytrack.bill.imported import ImportedPrices
from energytrack.bus import Bus
from energytrack.bus.open import open_bus
from energytrack.clock import Clock
from energytrack.languages.words import words_of
from energytrack.plant import Plant, load_plant
from energytrack.report.settings import MailSettings, ReportSettings
from energytrack.running.health import Health
from energytrack.settings import KafkaSettings, MongoSettings, PlantSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from energytrack.store.unreadable_metric import UnreadableCollector
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import COMMANDS, DEAD_LETTERS, EVENTS

NAME: Final = "control-api"


@dataclass(frozen=True)
class Services:
    """The services, each connected to those that it needs."""

    settings: ControlApiSettings
    plant: Plant
    bus: Bus
    store: Store
    clock: Clock
    registry: CollectorRegistry
    stage: Stage
    new_id: Callable[[], str]
    """Creates ids that sort by time."""
    annotations: Annotations
    order_observer: OrderObserver
    records: RecordMetrics
    fleet: LiveFleet
    devices: DeviceService
    bills: BillService
    reports: ReportService
    peak: PeakGuard
    orders: OrderService
    pending_orders: PendingOrders
    bulk: BulkService
    alarms: AlarmService
    reconciliation: Reconciliation
    cases: CaseService
    paging: PagingService
    imports: ImportService
    prices: ImportedPrices
    machines: MachineService
    schedules: ScheduleService
    locks: LockService
    energy: EnergyService
    baselines: BaselineService
    measures: MeasureService
    shutdowns: ShutdownAcceptance
    production: ProductionService
    plant_meters: PlantMeterService
    credentials: Credentials
    access: Authenticator
    health: Health
    """Reports to /healthz what the background threads wait for."""


def build(
    settings: ControlApiSettings,
    *,
    plant: Plant,
    bus: Bus,
    store: Store,
    clock: Clock,
    registry: CollectorRegistry,
    new_id: Callable[[], str],
    grafana: GrafanaSessions | None = None,
    annotating: httpx.Client | None = None,
    prometheus: PrometheusRules | None = None,
    health: Health | None = None,
    keep: timedelta = timedelta(days=90),
    reporting: tuple[ReportSettings, MailSettings] | None = None,
) -> Services:
    """Create the services; nothing connects to a server yet. `new_id` creates ids that sort by time.

    `keep` is how long the database keeps readings; `reporting` says who gets each month's report.
    Without `grafana`, its users cannot sign in; without `annotating`, no annotations are posted.
    """
    stage = Stage(NAME, registry, takes=[EVENTS], puts=[COMMANDS, EVENTS, DEAD_LETTERS])
    annotations = Annotations(annotating, registry)
    order_observer = OrderObserver(registry, annotations)
    fleet = LiveFleet(plant, clock)
    devices = DeviceService(
        store=store,
        plant=plant,
        clock=clock,
        silent_after=timedelta(seconds=settings.silent_seconds),
        cache=FleetCache(store.devices.all, clock, within=store.within),
        held=FleetCache(
            lambda: (store.locks.held(), store.commands.open_orders()), clock, within=store.within, fresh=0.0
        ),
        gone=FleetCache(store.machines.retired_at, clock, within=store.within),
        is_silent=fleet.is_silent,
    )
    orders = OrderService(
        commands=store.commands,
        locks=store.locks,
        changes=store.changes,
        devices=devices,
        sink=CountedSink(bus.sink(patience=settings.patience_seconds), stage),
        clock=clock,
        observer=order_observer,
        new_id=new_id,
        order_seconds=settings.order_seconds,
        signer=settings.signer(),
    )
    pending_orders = PendingOrders(
        commands=store.commands,
        changes=store.changes,
        orders=orders,
        clock=clock,
        observer=order_observer,
        answer_after=timedelta(seconds=settings.answer_seconds),
        unsent_after=timedelta(seconds=3 * settings.patience_seconds),
    )
    bulk = BulkService(orders=orders, devices=devices, commands=store.commands, plant=plant, clock=clock, new_id=new_id)
    locks = LockService(locks=store.locks, commands=store.commands, devices=devices, clock=clock, new_id=new_id)
    alarms = AlarmService(
        alarms=store.alarms,
        changes=store.changes,
        devices=store.devices,
        annotations=annotations,
        clock=clock,
        new_id=new_id,
    )
    cases = CaseService(alarms)
    schedules = ScheduleService(
        schedules=store.schedules,
        changes=store.changes,
        bulk=bulk,
        clock=clock,
        plant=plant,
        new_id=new_id,
    )
    records = RecordMetrics(store, plant, clock, machines=lambda: devices.cache.get().value)
    registry.register(records)
    registry.register(UnreadableCollector(store.unreadable))
    prices = ImportedPrices(store, plant)
    baselines = BaselineService(store=store, plant=plant, clock=clock, new_id=new_id)
    measures = MeasureService(baselines=baselines, schedules=schedules, new_id=new_id, prices=prices)
    registry.register(MeasureMetricsCollector(measures))
    production = ProductionService(store=store, plant=plant, devices=devices, clock=clock, new_id=new_id)
    registry.register(ProductionCollector(production))
    peak = PeakGuard(store, plant, devices, bulk, clock, fleet.all)
    registry.register(PeakCollector(peak))
    token = settings.alerts_token
    credentials = Credentials(store.tokens, clock, new_id)
    return Services(
        settings=settings,
        plant=plant,
        bus=bus,
        store=store,
        clock=clock,
        registry=registry,
        stage=stage,
        new_id=new_id,
        annotations=annotations,
        order_observer=order_observer,
        records=records,
        fleet=fleet,
        devices=devices,
        bills=BillService(store=store, plant=plant, clock=clock, prices=prices),
        peak=peak,
        reports=ReportService(store, plant, clock, *(reporting or (ReportSettings(), MailSettings())), prices),
        orders=orders,
        pending_orders=pending_orders,
        bulk=bulk,
        locks=locks,
        alarms=alarms,
        cases=cases,
        paging=PagingService(
            duty=plant.duty,
            channels=Channels(settings.addresses()),
            cases=cases,
            pages=store.pages,
            alarms=store.alarms,
            changes=store.changes,
            clock=clock,
            new_id=new_id,
            origin=sorted(named(settings.origins))[0],
            registry=registry,
            t=words_of(plant.language),
        ),
        machines=MachineService(
            store=store,
            devices=devices,
            plant=plant,
            clock=clock,
            new_id=new_id,
            sink=CountedSink(bus.sink(patience=settings.patience_seconds), stage),
        ),
        imports=ImportService(store=store, plant=plant, clock=clock, keep=keep, prices=prices),
        prices=prices,
        reconciliation=Reconciliation(
            alarms,
            prometheus
            or (
                PrometheusRules(settings.prometheus_url, auth=settings.prometheus_auth())
                if settings.prometheus_url
                else None
            ),
            timedelta(seconds=settings.unconfirmed_seconds),
        ),
        schedules=schedules,
        energy=EnergyService(store=store, plant=plant, devices=devices, clock=clock, new_id=new_id),
        baselines=baselines,
        measures=measures,
        shutdowns=ShutdownAcceptance(measures, devices),
        production=production,
        plant_meters=PlantMeterService(store, plant, clock),
        credentials=credentials,
        health=health or Health(clock),
        access=Authenticator(credentials, grafana, None if token is None else token.get_secret_value().encode()),
    )


def build_from_env(
    env: Mapping[str, str],
    settings: ControlApiSettings,
    clock: Clock,
    registry: CollectorRegistry,
    health: Health | None = None,
) -> Services:
    """The services with the servers in the environment."""
    grafana_url, token = settings.grafana_url, settings.grafana_token
    plant_settings = PlantSettings.from_env(env)
    mongo = MongoSettings.from_env(env)
    return build(
        settings,
        plant=load_plant(plant_settings.file, devices=plant_settings.devices),
        bus=open_bus(KafkaSettings.from_env(env), NAME, health=health),
        health=health,
        store=open_store(mongo),
        keep=timedelta(days=mongo.readings_days),
        reporting=(ReportSettings.from_env(env), MailSettings.from_env(env)),
        clock=clock,
        registry=registry,
        new_id=lambda: str(ULID.from_datetime(clock.now())),
        grafana=None
        if grafana_url is None
        else GrafanaSessions(grafana_url, org_id=settings.grafana_org_id, clock=clock),
        annotating=None
        if grafana_url is None or token is None
        else annotating_client(grafana_url, token.get_secret_value()),
    )
