"""What a producer of librdkafka says of messages that no broker has: nothing counts as delivered."""

import threading
from typing import Any

import pytest

from energytrack.bus.carrier import PendingMessage, ProducerBusy, Refusal
from energytrack.bus.confluent import sink
from energytrack.bus.confluent.sink import ConfluentCarrier
from energytrack.bus.delivery import DeliveringSink
from energytrack.bus.link import ConnectionState
from energytrack.errors import DeliveryFailed

NOBODY: dict[str, Any] = {
    "bootstrap.servers": "127.0.0.1:1",
    "queue.buffering.max.messages": 2,
    "message.max.bytes": 2000,
    "delivery.report.only.error": True,
    "log_level": 0,
}


def a_carrier() -> ConfluentCarrier:
    return ConfluentCarrier(NOBODY, prefix="", user=None)


def handed_over(carrier: ConfluentCarrier, message: PendingMessage) -> PendingMessage:
    carrier.send([message])
    return message


def messages(count: int) -> list[PendingMessage]:
    return [PendingMessage("t", "k", str(number).encode()) for number in range(count)]


def test_what_the_producer_did_not_accept_is_not_delivered() -> None:
    """Even if the others are out of its way by then: it was full because of them."""
    carrier = a_carrier()
    all_messages = messages(4)
    with pytest.raises(ProducerBusy) as busy:
        carrier.send(all_messages)
    assert busy.value.accepted == 2
    late, unreached = all_messages[2:]
    assert unreached.carrier is None
    carrier.give_up([late])
    assert isinstance(carrier.outcome(late), Refusal)


def test_what_is_dropped_is_not_delivered() -> None:
    """Whichever thread dropped it, and whoever asks."""
    carrier = a_carrier()
    own, other = (handed_over(carrier, message) for message in messages(2))
    dropping = threading.Thread(target=carrier.give_up, args=([other],))
    dropping.start()
    dropping.join()
    carrier.wait([own], 0.1)
    assert isinstance(carrier.outcome(own), Refusal)
    assert isinstance(carrier.outcome(other), Refusal)


def test_what_runs_out_of_time_is_not_delivered() -> None:
    """The library gives it up by itself and says so."""
    carrier = ConfluentCarrier(NOBODY | {"delivery.timeout.ms": 20, "linger.ms": 0}, prefix="", user=None)
    (message,) = messages(1)
    handed_over(carrier, message)
    assert carrier.close([message], 10.0)
    assert isinstance(carrier.outcome(message), Refusal)


def test_after_an_exception_out_of_a_report_nothing_is_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal may arrive while the library tells of a failure: that failure is lost."""

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sink, "_report", interrupted)
    carrier = a_carrier()
    (message,) = messages(1)
    handed_over(carrier, message)
    with pytest.raises(KeyboardInterrupt):
        carrier.give_up([message])
    assert carrier.close([message], 1.0)
    assert isinstance(carrier.outcome(message), Refusal)


def test_a_message_that_the_library_takes_exception_to_is_not_delivered() -> None:
    """It was never handed over, although its sink holds it."""
    carrier = a_carrier()
    message = PendingMessage("t", "k", 5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        handed_over(carrier, message)
    carrier.wait([message], 0.1)
    assert isinstance(carrier.outcome(message), Refusal)


def test_a_close_reports_failures_that_no_flush_has_reported() -> None:
    """Too large a message, put and never flushed."""
    sink = DeliveringSink(lambda _: a_carrier(), ConnectionState("nowhere"), seconds=1.0, patient=True)
    sink.put("t", "k", b"x" * 3000)
    with pytest.raises(DeliveryFailed, match="1 message"):
        sink.close()
