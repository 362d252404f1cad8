"""Closed orders and changes of alarms as annotations in Grafana, posted in the background."""

import html
import queue
import threading
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import httpx
import structlog
from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter

from energytrack.security.names import name_of
from energytrack.store.operations.alarms import Alarm, Deed, LogEntry
from energytrack.store.operations.commands import Order

log = structlog.get_logger(__name__)

PATH: Final = "/api/annotations"
WAITING: Final = 1000
"""Maximum number of queued annotations while Grafana is unavailable; later ones are dropped."""
ANSWER_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 5.0
OUTCOMES: Final = ("posted", "refused", "left_out")
CHANGES: Final[dict[Deed, str]] = {
    "opened": "opened",
    "reopened": "opened again",
    "cleared": "cleared",
    "acknowledged": "acknowledged",
    "judged": "judged",
}
"""The changes of an alarm that are marked on charts; its whole log is on its page."""


class Annotation(Struct, frozen=True):
    """An annotation on every dashboard that selects one of its tags."""

    time: int
    """Milliseconds since the epoch."""
    timeEnd: int  # noqa: N815  # Grafana's name
    """Same as `time` for a point in time, later for a span."""
    tags: tuple[str, ...]
    text: str
    """Grafana renders it as HTML."""


def order_annotation(order: Order) -> Annotation | None:
    """A closed order, as a span from its request to its end; None while it is open."""
    if order.closed_at is None:
        return None
    answer = f" ({order.detail})" if order.detail else ""
    text = f"{order.action} of {order.device_id}: {order.status}{answer}. {name_of(order.requested_by)}: {order.reason}"
    tags = ("energytrack", "order", order.action, order.status, order.device_id)
    return Annotation(_ms(order.requested_at), _ms(order.closed_at), tags, html.escape(text))


def alarm_annotation(alarm: Alarm, entry: LogEntry) -> Annotation | None:
    """A change of an alarm; None for one that is not marked on charts."""
    change = CHANGES.get(entry.deed)
    if change is None:
        return None
    by = f" by {name_of(entry.by)}" if entry.role else ""
    verdict = f" {entry.verdict.replace('_', ' ')}." if entry.verdict else ""
    comment = f" {entry.text}" if entry.text else ""
    text = f"{alarm.summary}: {change}{by}.{verdict}{comment}"
    device = (alarm.device_id,) if alarm.device_id else ()
    at = _ms(entry.at)
    return Annotation(at, at, ("energytrack", "alarm", alarm.severity, entry.deed, *device), html.escape(text))


class Annotations:
    """Queues annotations and posts them one by one; without a client it drops them."""

    def __init__(self, client: httpx.Client | None, registry: CollectorRegistry) -> None:
        self._client = client
        self._waiting: queue.Queue[Annotation] = queue.Queue(WAITING)
        self._away = False
        self._counted = Counter(
            "energytrack_control_annotations", "Annotations for Grafana by outcome.", ["outcome"],
            registry=registry,
        )  # fmt: skip
        for outcome in OUTCOMES:
            self._counted.labels(outcome)

    def order(self, order: Order) -> None:
        """Annotate an order if it is closed."""
        self._put(order_annotation(order))

    def alarm(self, alarm: Alarm, entry: LogEntry | None) -> None:
        """Annotate a change of an alarm."""
        self._put(None if entry is None else alarm_annotation(alarm, entry))

    def _put(self, annotation: Annotation | None) -> None:
        if annotation is None or self._client is None:
            return
        try:
            self._waiting.put_nowait(annotation)
        except queue.Full:
            self._counted.labels("left_out").inc()

    def post_until(self, stop: threading.Event, *, pause: float = PAUSE_SECONDS) -> None:
        """Post queued annotations until `stop`.

        While Grafana is unavailable, the oldest is retried every `pause` seconds.
        """
        while not stop.is_set():
            try:
                annotation = self._waiting.get(timeout=0.5)
            except queue.Empty:
                continue
            while not self.post(annotation) and not stop.wait(pause):
                pass

    def post(self, annotation: Annotation) -> bool:
        """Post one; False if Grafana is unavailable and the annotation should be retried."""
        if self._client is None:
            return True
        try:
            status = self._client.post(PATH, json=_body(annotation)).status_code
        except httpx.HTTPError as error:
            return self._missed(str(error) or type(error).__name__)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            return self._missed(f"status {status}")
        refused = status >= HTTPStatus.BAD_REQUEST
        if refused:
            log.warning("grafana refused an annotation: check that its token may write annotations", status=status)
        elif self._away:
            log.info("grafana accepts annotations again")
        self._away = False
        self._counted.labels("refused" if refused else "posted").inc()
        return True

    def _missed(self, why: str) -> bool:
        if not self._away:
            log.warning("grafana does not accept annotations; they are queued", error=why, at_most=WAITING)
        self._away = True
        return False


def annotating_client(url: str, token: str, *, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """The client that posts to Grafana with a service account's token."""
    return httpx.Client(
        base_url=url,
        timeout=ANSWER_SECONDS,
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        transport=transport,
    )


def _body(annotation: Annotation) -> dict[str, Any]:
    return {
        "time": annotation.time,
        "timeEnd": annotation.timeEnd,
        "tags": annotation.tags,
        "text": annotation.text,
    }


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
