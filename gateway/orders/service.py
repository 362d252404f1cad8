"""Takes signed orders from Kafka, carries them out on real machines, and answers."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter

from energytrack.bus import Sink, Source
from energytrack.clock import Clock
from energytrack.consume import Discard, Taken, consume_once
from energytrack.errors import NotSigned
from energytrack.events import CommandResult
from energytrack.messages import Command, encode
from energytrack.running.health import Health
from energytrack.security.signatures import CommandVerifier
from energytrack.telemetry import Stage
from energytrack.topics import EVENTS
from gateway.orders import rules
from gateway.orders.allowed import AllowList
from gateway.orders.execution import OrderContext, execute

log = structlog.get_logger(__name__)

WAIT_SECONDS: Final = 0.2


class OrderGateway:
    """Orders in, answers out. What is accepted is in the journal before it counts as read."""

    def __init__(
        self,
        allowed: AllowList,
        verifier: CommandVerifier,
        source: Source,
        sink: Sink,
        *,
        context: OrderContext,
        stage: Stage,
        loop: asyncio.AbstractEventLoop,
        registry: CollectorRegistry,
        clock: Clock,
        health: Health,
    ) -> None:
        self._allowed = allowed
        self._verifier = verifier
        self._source = source
        self._sink = sink
        self._stage = stage
        self._context = context
        self._journal = context.journal
        self._loop = loop
        self._clock = clock
        self._health = health
        self._under_way: dict[str, tuple[Command, Future[rules.OrderOutcome]]] = {}
        self._unsigned = Counter(
            "energytrack_gateway_orders_unsigned",
            "Orders that were not obeyed, because the control API has not signed them.",
            registry=registry,
        )
        for entry in self._journal.open_orders():
            self._begin(entry.command, written=entry.step == "written")
        for answer in self._journal.unsent():
            self._sink.put(EVENTS, answer.device_id, encode(answer))
        self._settle()

    def poll(self) -> None:
        """Handle new orders, and send the answers that are due."""
        consume_once(
            self._source, Discard(), self._take_in, stage=self._stage, clock=self._clock, wait=WAIT_SECONDS,
            health=self._health,
        )  # fmt: skip
        done = [command_id for command_id, (_, task) in self._under_way.items() if task.done()]
        for command_id in done:
            command, task = self._under_way.pop(command_id)
            self._answer(command, _result(command, task))
        if done:
            self._settle()

    def _take_in(self, batch: Sequence[Taken]) -> None:
        for command in (taken.message for taken in batch):
            if isinstance(command, Command) and self._is_ours(command):
                self._receive(command)

    def _receive(self, command: Command) -> None:
        outcome = self._journal[command.command_id]
        if outcome is not None:
            if outcome.answer is not None:
                self._sink.put(EVENTS, outcome.answer.device_id, encode(outcome.answer))
            return
        verdict = rules.at_once(command, self._allowed, self._journal, self._clock.now())
        if verdict is not None:
            self._answer(command, verdict)
            return
        self._journal.accept(command)
        self._begin(command, written=False)

    def _is_ours(self, command: Command) -> bool:
        """Whether the machine is here and the order genuine.

        A forged one gets no answer, because that could be taken for the answer to the genuine one.
        """
        if command.device_id not in self._allowed.machines:
            return False  # another gateway's, or nobody's: then it expires
        try:
            self._verifier.check(command)
        except NotSigned as why:
            self._unsigned.inc()
            log.warning("an order was not obeyed", device=command.device_id, action=command.action, reason=str(why))
            return False
        return True

    def _begin(self, command: Command, *, written: bool) -> None:
        machine = self._allowed.machines.get(command.device_id)
        if machine is None or command.action not in machine.actions:
            verdict = rules.OrderOutcome("failed", None, "it was taken off the gateway's list meanwhile")
            self._answer(command, verdict)
            return
        log.info("order", device=command.device_id, action=command.action, by=command.requested_by)
        work = execute(command, machine, self._context, written=written)
        self._under_way[command.command_id] = (command, asyncio.run_coroutine_threadsafe(work, self._loop))

    def _answer(self, command: Command, verdict: rules.OrderOutcome) -> None:
        answer: CommandResult = rules.answer(command, verdict, self._clock.now())
        self._journal.answer(command, answer)
        self._sink.put(EVENTS, answer.device_id, encode(answer))
        log.info("answered", device=command.device_id, action=command.action, outcome=verdict.outcome,
                 detail=verdict.detail)  # fmt: skip

    def _settle(self) -> None:
        with self._health.work("answering orders"):
            self._sink.flush()
        self._journal.acknowledge_all()


def _result(command: Command, task: "Future[rules.OrderOutcome]") -> rules.OrderOutcome:
    error = task.exception()
    if error is None:
        return task.result()
    log.error("an order failed because of a bug", device=command.device_id, exc_info=error)
    return rules.OrderOutcome("failed", None, f"the gateway could not carry it out: {error!r}")
