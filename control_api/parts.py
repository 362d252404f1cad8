"""What the control API is made of, put together once for the application and its background threads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
from prometheus_client import CollectorRegistry

from control_api.access import Access
from control_api.alarm_desk import AlarmDesk
from control_api.annotations import Annotations
from control_api.batches import Batches
from control_api.board import Board
from control_api.credentials import Credentials
from control_api.desk import Desk
from control_api.glance import Glance
from control_api.grafana import GrafanaSessions
from control_api.live_fold import LiveFleet
from control_api.locks import Lockout
from control_api.results import Sweeper
from control_api.schedule_desk import ScheduleDesk
from control_api.settings import ControlApiSettings
from control_api.situations import Situations
from control_api.telemetry import OrderNews
from energytrack.bus import Bus
from energytrack.clock import Clock
from energytrack.health import Health
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import COMMANDS, DEAD_LETTERS, EVENTS


@dataclass(frozen=True)
class Parts:
    """The parts, each knowing the ones that it needs."""

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
    news: OrderNews
    fleet: LiveFleet
    situations: Situations
    desk: Desk
    sweeper: Sweeper
    batches: Batches
    alarm_desk: AlarmDesk
    schedule_desk: ScheduleDesk
    lockout: Lockout
    credentials: Credentials
    access: Access
    health: Health
    """What the background threads wait for, and /healthz tells."""


def assemble(
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
) -> Parts:
    """Put the parts together; nothing is connected yet. `new_id` makes ids that sort by time.

    Without `grafana` nobody signs in by it; without `annotating` nothing is annotated there.
    """
    stage = Stage("control-api", registry, takes=[EVENTS], puts=[COMMANDS, DEAD_LETTERS])
    annotations = Annotations(annotating, registry)
    news = OrderNews(registry, annotations)
    fleet = LiveFleet(plant, clock)
    situations = Situations(
        store=store,
        plant=plant,
        clock=clock,
        silent_after=timedelta(seconds=settings.silent_seconds),
        glance=Glance(store.devices.all, clock),
        is_silent=fleet.is_silent,
    )
    desk = Desk(
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
    sweeper = Sweeper(
        commands=store.commands,
        changes=store.changes,
        desk=desk,
        clock=clock,
        news=news,
        answer_after=timedelta(seconds=settings.answer_seconds),
        unsent_after=timedelta(seconds=3 * settings.patience_seconds),
    )
    batches = Batches(
        desk=desk, situations=situations, commands=store.commands, plant=plant, clock=clock, new_id=new_id
    )
    lockout = Lockout(locks=store.locks, commands=store.commands, situations=situations, clock=clock, new_id=new_id)
    alarm_desk = AlarmDesk(
        alarms=store.alarms,
        changes=store.changes,
        devices=store.devices,
        annotations=annotations,
        clock=clock,
        new_id=new_id,
    )
    schedule_desk = ScheduleDesk(
        schedules=store.schedules,
        changes=store.changes,
        batches=batches,
        clock=clock,
        zone=plant.zone,
        new_id=new_id,
        link=store.link,
    )
    registry.register(Board(store, plant, clock))
    token = settings.alerts_token
    credentials = Credentials(store.tokens, clock, new_id)
    return Parts(
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
