"""Makes reports on request, caches them for a few minutes, and mails one when a month is over."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Final, NamedTuple

import structlog
from cachetools import TTLCache

from control_api.ledger_watch import LedgerWatch
from energytrack.bill.imported import ImportedPrices
from energytrack.bill.load import Month
from energytrack.clock import Clock
from energytrack.plant import Plant
from energytrack.plant.file import Language
from energytrack.report.content import Report
from energytrack.report.due import due_month
from energytrack.report.gathering import Reports
from energytrack.report.mailing import MailNotSent, message_of, send
from energytrack.report.pages import as_images
from energytrack.report.settings import MailSettings, ReportSettings
from energytrack.store import Store

log = structlog.get_logger(__name__)

KEPT_SECONDS: Final = 300.0
KEPT_REPORTS: Final = 12
SENDING: Final = timedelta(minutes=15)
"""How long a replica has to send a report, and how long it waits after a failure."""


class ReportKey(NamedTuple):
    """The month and the language of a report."""

    month: Month
    language: Language
    whole_year: bool


class RenderedReport(NamedTuple):
    """A report, and its pages as pictures."""

    report: Report
    images: tuple[bytes, ...]


@dataclass
class ReportService:
    """One report is made at a time: it reads a month of the ledger."""

    store: Store
    plant: Plant
    clock: Clock
    settings: ReportSettings
    server: MailSettings
    prices: ImportedPrices
    send: Callable[[EmailMessage, MailSettings], None] = send
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._watch = LedgerWatch(self.store, self.prices)
        self._reports = Reports(self.store, self.plant, self.clock)
        self._kept: TTLCache[ReportKey, RenderedReport] = TTLCache(
            KEPT_REPORTS, KEPT_SECONDS, timer=self.clock.monotonic
        )

    def requested(self, month: str | None, language: Language | None, *, whole_year: bool) -> ReportKey:
        """The requested report; without a month, that of the last complete one."""
        local = self.clock.now().astimezone(self.plant.zone)
        return ReportKey(
            Month.before(local) if month is None else Month.parse(month),
            language or self.settings.language or self.plant.language,
            whole_year,
        )

    def of(self, wanted: ReportKey) -> RenderedReport:
        """The report, at most a few minutes old; newer if the ledger changed."""
        with self._lock:
            self._forget_what_changed()
            made = self._kept.get(wanted)
            if made is None:
                report = self._reports.of(wanted.month, language=wanted.language, whole_year=wanted.whole_year)
                made = self._kept[wanted] = RenderedReport(report, as_images(report))
            return made

    def _forget_what_changed(self) -> None:
        if self._watch.has_changed():
            self._kept.clear()
            self._reports.forget()

    def mail_due(self) -> None:
        """Mail the report of the last month if it is due and has not been sent."""
        if not self.settings.recipients or self.server.smtp_host is None:
            return
        now = self.clock.now()
        month = due_month(now.astimezone(self.plant.zone), day=self.settings.day, at=self.settings.at)
        if month is None or not self.store.report_mails.claim(str(month), now=now, lasts=SENDING):
            return
        with self._lock:
            self._forget_what_changed()
            report = self._reports.of(month, language=self.settings.language, whole_year=True)
        if not report.is_known:
            log.info("no report is mailed, because nothing is known about the month", month=str(month))
            return
        message = message_of(report, sender=self.server.mail_from, recipients=self.settings.recipients)
        try:
            self.send(message, self.server)
        except MailNotSent as error:
            log.warning("the report was not mailed, trying again", month=str(month), error=str(error))
            return
        self.store.report_mails.sent(str(month), at=self.clock.now())
        log.info("report mailed", month=str(month), recipients=len(self.settings.recipients))
