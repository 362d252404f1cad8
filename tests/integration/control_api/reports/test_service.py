"""The report of a month that is over is mailed once, whichever replica is first, and again after a failure."""

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from control_api.reports.service import SENDING, ReportService
from energytrack.bill.imported import ImportedPrices
from energytrack.bill.load import Month
from energytrack.clock import ManualClock
from energytrack.ledger.local_days import midnight, utc
from energytrack.plant import load_plant
from energytrack.report.mailing import MailNotSent
from energytrack.report.settings import MailSettings, ReportSettings
from energytrack.store import Store
from testkit.builders.ledger import a_day
from testkit.dates import NOW, PLANT_ZONE

MONTH = Month.before(NOW.astimezone(PLANT_ZONE))
NEXT_MONTH = utc(midnight(MONTH.last + timedelta(days=1), PLANT_ZONE))
SEVEN = NEXT_MONTH + timedelta(hours=7)
PLANT = load_plant(Path("plant.toml"), devices=3)
SETTINGS = ReportSettings(mail_to="ceo@example.com", day=1)
SERVER = MailSettings(smtp_host="127.0.0.1:25")


class Post:
    """Takes what is sent, unless it is closed."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.is_closed = False

    def __call__(self, message: EmailMessage, server: MailSettings) -> None:
        if self.is_closed:
            raise MailNotSent(server.smtp_host or "", "closed")
        self.taken.append(message)


@pytest.fixture
def post() -> Post:
    return Post()


def a_service(store: Store, post: Post, clock: ManualClock, settings: ReportSettings = SETTINGS) -> ReportService:
    return ReportService(store, PLANT, clock, settings, SERVER, ImportedPrices(store, PLANT), post)


def use_energy(store: Store) -> None:
    store.ledger.put([a_day(PLANT.devices[0].device_id, MONTH.last)])


def test_it_is_mailed_once_by_two_replicas(store: Store, post: Post) -> None:
    use_energy(store)
    clock = ManualClock(NEXT_MONTH)
    replicas = [a_service(store, post, clock) for _ in range(2)]
    for hours in (0, 7, 1):
        clock.advance(3600.0 * hours)
        for replica in replicas:
            replica.mail_due()
    assert [message["To"] for message in post.taken] == ["ceo@example.com"]


def test_after_a_failure_it_is_mailed_later(store: Store, post: Post) -> None:
    use_energy(store)
    clock = ManualClock(SEVEN)
    service = a_service(store, post, clock)
    post.is_closed = True
    service.mail_due()
    post.is_closed = False
    service.mail_due()
    assert post.taken == []
    clock.advance(SENDING.total_seconds() + 1.0)
    service.mail_due()
    assert len(post.taken) == 1


def test_nothing_is_mailed_of_a_month_of_which_nothing_is_known(store: Store, post: Post) -> None:
    a_service(store, post, ManualClock(SEVEN)).mail_due()
    assert post.taken == []


def test_nothing_is_mailed_where_nobody_asked_for_it(store: Store, post: Post) -> None:
    use_energy(store)
    a_service(store, post, ManualClock(SEVEN), ReportSettings()).mail_due()
    assert post.taken == []
