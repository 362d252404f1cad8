"""The plant in real time: ticks on the clock's grid, readings spread over each tick, orders and injections between."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from energytrack.bus import Sink, Source
from energytrack.clock import Clock
from energytrack.consume import Taken, consume_once
from energytrack.errors import NotSigned
from energytrack.events import DeviceEvent
from energytrack.messages import Command, encode
from energytrack.running.disk_room import LOOK_SECONDS, RoomGuard
from energytrack.running.health import Health
from energytrack.telemetry import Stage
from energytrack.topics import EVENTS, READINGS
from simulator import checkpoint, inbox
from simulator.checkpoint import UnusableCheckpoint
from simulator.inbox import Injection, InjectionAnswer
from simulator.inject import InjectionRefused, inject
from simulator.machines.chance import TRANSPORT, generator
from simulator.plant.events import milliseconds, moment
from simulator.plant.factory import Factory, FactoryState, Tick
from simulator.plant.opening import opening, warmed_up
from simulator.plant_meters import MeterReadings
from simulator.readings import Outgoing, readings
from simulator.settings import SimulatorSettings
from simulator.transport import DelayedReading, Faults, carry

log = structlog.get_logger(__name__)

STATE_FILE: Final = "state.npz"
TICK_SECONDS: Final = 1.0
"""The plant moves on in such steps even where machines send less often; orders are carried out meanwhile."""
AT_ONCE_SECONDS: Final = 0.0005
"""Not worth a wait: timestamps are no finer."""
BEHIND_SECONDS: Final = 5.0
"""A lag that is worth a line in the log."""


class LivePlant:
    """Runs a factory on a clock; each message is sent at least once.

    A tick's messages are acknowledged before the state is saved, and a resumed plant computes the ticks since then
    again, to the same bytes. Orders become part of the saved state before they count as read.
    """

    def __init__(
        self,
        factory: Factory,
        source: Source,
        sink: Sink,
        *,
        settings: SimulatorSettings,
        stage: Stage,
        clock: Clock,
        registry: CollectorRegistry,
        health: Health,
        room: RoomGuard,
    ) -> None:
        self.factory = factory
        self._room = room
        self._clock = clock
        self._settings = settings
        self._stage = stage
        self._sink = sink
        self._health = health
        self._source = source
        self._interval_ms = round(settings.interval_seconds * 1000)
        self._ticks = max(1, round(settings.interval_seconds / TICK_SECONDS))
        self._tick_ms = self._interval_ms // self._ticks
        self._faults = Faults(settings.late_share, settings.duplicate_share, settings.out_of_order_share)
        self._held: list[DelayedReading] = []
        self._file = settings.state_folder / STATE_FILE
        self._lagging = False
        self._verifier = settings.verifier()
        self._meters = MeterReadings(factory.plant, factory.fleet)
        self._unsigned = Counter(
            "energytrack_simulator_orders_unsigned",
            "Orders that were not obeyed, because the control API has not signed them.",
            registry=registry,
        )
        self._lag = Gauge(
            "energytrack_simulator_lag_seconds", "How far the plant is behind the clock.", registry=registry
        )
        self._skipped = Counter(
            "energytrack_simulator_readings_skipped",
            "Readings that were never sent, because the plant was too far behind the clock: after an outage of Kafka, "
            "or a stop.",
            registry=registry,
        )
        devices = Gauge("energytrack_simulator_devices", "Machines of the simulated plant.", registry=registry)
        devices.set(len(factory.fleet))
        self.state = self._resumed() or opening(factory, self._now_on_grid(), worn=settings.worn())
        self._saved_ms = self.state.at_ms
        self._exact_until_ms = self.state.at_ms + round(2000 * settings.checkpoint_seconds)

    def run(self, stop: threading.Event) -> None:
        """Tick until `stop` is set, then save the plant."""
        while not stop.is_set():
            self.tick(stop)
        self._put([held.reading for held in self._held])
        self._save()

    def tick(self, stop: threading.Event) -> None:
        """One tick: orders and injections are taken in until it is due, then events and readings go out.

        No tick if `stop` is set before it is due, or if the broker's disk is nearly full.
        """
        at_ms = self._next_tick_ms()
        self._take_orders(at_ms, stop)
        if self._seconds_until(at_ms) > AT_ONCE_SECONDS:
            return
        if self._room.why_short():
            self._clock.sleep(LOOK_SECONDS)  # orders are still carried out, in between
            return
        tick = self.factory.advance(self.state, at_ms)
        self._publish(tick.happened)
        for due_ms, which in self._phases(at_ms):
            if not stop.is_set():
                self._clock.sleep(self._seconds_until(due_ms))
            self._send(tick, which, due_ms)
        registers = tick.state.machines.energy_kwh
        self._put(self._meters.outgoing(registers, self.state.at_ms, tick.state.at_ms))
        self.state = tick.state
        with self._health.work("sending the plant's readings"):
            self._sink.flush()
        self._stage.processed(self._clock.now())
        if self.state.at_ms - self._saved_ms >= self._settings.checkpoint_seconds * 1000:
            self._save()

    def _next_tick_ms(self) -> int:
        """When the next tick is due; a plant that is too far behind is moved on first."""
        behind = -self._seconds_until(self.state.at_ms + self._tick_ms)
        self._lag.set(max(behind, 0.0))
        if behind > self._settings.catch_up_seconds and self.state.at_ms >= self._exact_until_ms:
            skipped = len(self.factory.fleet) * round(behind / self._settings.interval_seconds)
            self._skipped.inc(skipped)
            log.warning(
                "time skipped: no readings are sent for it",
                seconds=round(behind),
                readings=skipped,
                since=moment(self.state.at_ms).isoformat(),
            )
            self.state, untold = warmed_up(self.factory, self.state, self._now_on_grid())
            self._publish(untold)
            self._save()
        elif (behind > BEHIND_SECONDS) != self._lagging:
            self._lagging = not self._lagging
            log.warning("behind the clock, catching up" if self._lagging else "caught up", seconds=round(behind, 1))
        return self.state.at_ms + self._tick_ms

    def _phases(self, at_ms: int) -> Iterator[tuple[int, slice]]:
        """The parts of a tick: when each is due, and the devices whose readings it sends.

        Over the ticks of an interval it is every device's turn once.
        """
        phases = min(self._settings.phases, self._tick_ms)
        turn = at_ms // self._tick_ms % self._ticks
        for phase in range(phases):
            yield at_ms + phase * self._tick_ms // phases, slice(turn * phases + phase, None, self._ticks * phases)

    def _send(self, tick: Tick, which: slice, at_ms: int) -> None:
        fresh = readings(self.factory.fleet, tick, which=which, at_ms=at_ms)
        rng = generator(self.factory.seed, TRANSPORT, at_ms=at_ms)
        self._held, arrived = carry(
            self._held, fresh, faults=self._faults, at_ms=at_ms, interval_ms=self._interval_ms, rng=rng
        )
        self._put(arrived)

    def _put(self, arrived: Sequence[Outgoing]) -> None:
        self._sink.put_all(READINGS, arrived)

    def _publish(self, happened: Sequence[DeviceEvent]) -> None:
        for event in happened:
            self._sink.put(EVENTS, event.device_id, encode(event))

    def _take_orders(self, due_ms: int, stop: threading.Event) -> None:
        """Take in orders and injections until a moment; once if it is past."""
        while True:
            left = self._seconds_until(due_ms)
            taken = consume_once(
                self._source,
                self._sink,
                self._take_in,
                stage=self._stage,
                clock=self._clock,
                wait=min(max(left, 0), 0.5),
                health=self._health,
            )
            self._answer_injections()
            left = self._seconds_until(due_ms)
            if left < AT_ONCE_SECONDS or stop.is_set():
                return
            if not taken:
                self._clock.sleep(min(left, 0.5))

    def _take_in(self, batch: Sequence[Taken]) -> None:
        """Orders become part of the saved plant before they count as read."""
        for order in (taken.message for taken in batch):
            if isinstance(order, Command) and self._is_ours(order):
                now_ms = milliseconds(self._clock.now())
                self.state, answer = self.factory.ordered(self.state, order, at_ms=now_ms)
                if answer is not None:
                    self._publish([answer])
                log.info("order", device=order.device_id, action=order.action, by=order.requested_by,
                         outcome=answer.outcome if answer else "under way")  # fmt: skip
        self._save()

    def _is_ours(self, order: Command) -> bool:
        """Whether the machine is here and the control API gave this order.

        One for another machine is left to its gateway: only the first answer counts. A forged one gets no answer, which
        could pass for the true one's.
        """
        if self.factory.device(order.device_id) is None:
            return False
        if self._verifier is None:
            return True
        try:
            self._verifier.check(order)
        except NotSigned as why:
            self._unsigned.inc()
            log.warning("an order was not obeyed", device=order.device_id, action=order.action, reason=str(why))
            return False
        return True

    def _answer_injections(self) -> None:
        folder = self._settings.state_folder
        for request, injection in inbox.requests(folder):
            outcome = self._injected(injection)
            inbox.answer(request, outcome)
            log.info("fault injected" if outcome.accepted else "injection refused", detail=outcome.text)

    def _injected(self, injection: Injection | None) -> InjectionAnswer:
        """Inject a requested fault; the plant is saved with it before the request is answered."""
        if injection is None:
            return InjectionAnswer(accepted=False, text="the request is not to be understood")
        try:
            self.state, sentence = inject(self.factory, self.state, injection)
        except InjectionRefused as refusal:
            return InjectionAnswer(accepted=False, text=str(refusal))
        self._save()
        return InjectionAnswer(accepted=True, text=sentence)

    def _resumed(self) -> FactoryState | None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            state = checkpoint.load(self._file, self.factory)
        except UnusableCheckpoint as error:
            aside: Path = self._file.with_suffix(".unusable")
            self._file.replace(aside)
            log.warning(
                "the saved state is unusable, the plant starts from the beginning",
                reason=str(error),
                kept_as=str(aside),
            )
            return None
        if state is not None:
            log.info("the plant continues from its saved state", since=moment(state.at_ms).isoformat())
        return state

    def _save(self) -> None:
        self._sink.flush()
        checkpoint.save(self._file, self.factory, self.state)
        self._saved_ms = self.state.at_ms

    def _seconds_until(self, at_ms: int) -> float:
        return at_ms / 1000.0 - self._clock.now().timestamp()

    def _now_on_grid(self) -> int:
        return milliseconds(self._clock.now()) // self._tick_ms * self._tick_ms
