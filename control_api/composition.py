"""What the control API is made of, put together once for the application and its background threads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
from prometheus_client import CollectorRegistry

from control_api.alarms.service import AlarmService
from control_api.annotations import Annotations
from control_api.auth.access import Access
from control_api.auth.credentials import Credentials
from control_api.auth.grafana import GrafanaSessions
from control_api.bulk.service import BulkService
from control_api.devices.cache import FleetCache
from control_api.devices.service import DeviceService
from control_api.live.fleet import LiveFleet
from control_api.locks.service import LockService
from control_api.metrics import LockAndAlarmMetricsCollector
from control_api.orders.metrics import OrderObserver
from control_api.orders.pending import PendingOrders
from control_api.orders.service import OrderService
from control_api.schedules.service import ScheduleService
from control_api.settings import ControlApiSettings
from energytrack.bus import Bus
from energytrack.clock import Clock
from energytrack.health import Health
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import COMMANDS, DEAD_LETTERS, EVENTS


@dataclass(frozen=True)
class Services:
    """The services, each knowing the ones that it needs."""

    settings: ControlApiSettings
    plant: Plant
    bus: Bus
    store: Store
    clock: Clock
    registry: CollectorRegistry
    stage: Stage
    new_id: Callable[[], str]
    """Makes ids that sort by time."""
    annotations: Annotations
    news: OrderObserver
    fleet: LiveFleet
    situations: DeviceService
    desk: OrderService
    sweeper: PendingOrders
    batches: BulkService
    alarm_desk: AlarmService
    schedule_desk: ScheduleService
    lockout: LockService
    credentials: Credentials
    access: Access
    health: Health
    """What the background threads wait for, and /healthz tells."""


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
    health: Health | None = None,
) -> Services:
    """Put the services together; nothing is connected yet. `new_id` makes ids that sort by time.

    Without `grafana` nobody signs in by it; without `annotating` nothing is annotated there.
    """
    stage = Stage("control-api", registry, takes=[EVENTS], puts=[COMMANDS, DEAD_LETTERS])
    annotations = Annotations(annotating, registry)
    news = OrderObserver(registry, annotations)
    fleet = LiveFleet(plant, clock)
    situations = DeviceService(
        store=store,
        plant=plant,
        clock=clock,
        silent_after=timedelta(seconds=settings.silent_seconds),
        glance=FleetCache(store.devices.all, clock),
        is_silent=fleet.is_silent,
    )
    desk = OrderService(
        commands=store.commands,
        locks=store.locks,
        changes=store.changes,
        situations=situations,
        sink=CountedSink(bus.sink(patience=settings.patience_seconds), stage),
        clock=clock,
        news=news,
        new_id=new_id,
        order_seconds=settings.order_seconds,
    )
    sweeper = PendingOrders(
        commands=store.commands,
        changes=store.changes,
        desk=desk,
        clock=clock,
        news=news,
        answer_after=timedelta(seconds=settings.answer_seconds),
        unsent_after=timedelta(seconds=3 * settings.patience_seconds),
    )
    batches = BulkService(
        desk=desk, situations=situations, commands=store.commands, plant=plant, clock=clock, new_id=new_id
    )
    lockout = LockService(locks=store.locks, commands=store.commands, situations=situations, clock=clock, new_id=new_id)
    alarm_desk = AlarmService(
        alarms=store.alarms,
        changes=store.changes,
        devices=store.devices,
        annotations=annotations,
        clock=clock,
        new_id=new_id,
    )
    schedule_desk = ScheduleService(
        schedules=store.schedules,
        changes=store.changes,
        batches=batches,
        clock=clock,
        zone=plant.zone,
        new_id=new_id,
        link=store.link,
    )
    registry.register(LockAndAlarmMetricsCollector(store, plant, clock))
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
        news=news,
        fleet=fleet,
        situations=situations,
        desk=desk,
        sweeper=sweeper,
        batches=batches,
        lockout=lockout,
        alarm_desk=alarm_desk,
        schedule_desk=schedule_desk,
        credentials=credentials,
        health=health or Health(clock),
        access=Access(credentials, grafana, None if token is None else token.get_secret_value().encode()),
    )
