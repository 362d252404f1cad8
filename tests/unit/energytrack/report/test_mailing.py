"""The report as an e-mail, through a mail server."""

from email.message import EmailMessage

import pytest

from energytrack.report.mailing import MailNotSent, message_of, send
from energytrack.report.settings import MailSettings, ReportSettings
from testkit.builders.reports import MONTH, a_report
from testkit.stand_ins.mail import mail_server

TO = ("plant@example.com", "ceo@example.com")


def test_it_carries_both_files_and_says_what_is_in_them() -> None:
    with mail_server() as (address, taken):
        server = MailSettings(smtp_host=address, smtp_require_tls=False)
        send(message_of(a_report(language="de"), sender=server.mail_from, recipients=TO), server)
    (message,) = taken
    assert message["To"] == ", ".join(TO)
    assert message["Subject"] == f"Energiebericht Works, Oktober {MONTH.year}"
    files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert {name: content[:4] for name, content in files.items()} == {
        f"energy-report-{MONTH}.pdf": b"%PDF", f"energy-report-{MONTH}.xlsx": b"PK\x03\x04",
    }  # fmt: skip
    body = message.get_body()
    assert body is not None
    assert "2 Maschinen verbrauchten" in body.get_content()


def test_a_server_that_is_away_is_named() -> None:
    with mail_server() as (address, _):
        pass
    with pytest.raises(MailNotSent, match=f"the mail server {address} did not take the report"):
        send(EmailMessage(), MailSettings(smtp_host=address, smtp_require_tls=False))


def test_a_server_without_tls_gets_nothing_where_tls_is_required() -> None:
    with mail_server() as (address, taken), pytest.raises(MailNotSent):
        send(EmailMessage(), MailSettings(smtp_host=address))
    assert taken == []


def test_addresses_are_checked_at_the_start() -> None:
    assert ReportSettings(mail_to="a@b.de, c@d.pl").recipients == ("a@b.de", "c@d.pl")
    with pytest.raises(ValueError, match="'nobody' is not an e-mail address"):
        ReportSettings(mail_to="nobody")
