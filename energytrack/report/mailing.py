"""Mails a report: the sentences of its first page, and both files."""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final

from energytrack.errors import EnergyTrackError
from energytrack.languages.words import words_of
from energytrack.report.chapters.front import in_short
from energytrack.report.content import Report
from energytrack.report.pages import as_pdf
from energytrack.report.settings import MailSettings
from energytrack.report.workbook import as_xlsx

XLSX: Final = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
SECONDS: Final = 30.0
TLS_FROM_THE_START: Final = 465


class MailNotSent(EnergyTrackError):
    """The mail server did not take a message."""

    def __init__(self, server: str, why: str) -> None:
        self.server = server
        super().__init__(f"the mail server {server} did not take the report: {why}")


def file_name(report: Report, ending: str) -> str:
    """The file name: `energy-report-2026-10.pdf`."""
    return f"energy-report-{report.month}.{ending}"


def message_of(report: Report, *, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """The mail in the report's language."""
    t = words_of(report.language)
    month = t.month(report.month.first)
    message = EmailMessage()
    message["Subject"] = t("The energy report of {plant} for {month}", plant=report.plant, month=month)
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Date"] = formatdate(report.made_at.timestamp(), localtime=False)
    message["Message-ID"] = make_msgid(f"report-{report.month}", domain=sender.rpartition("@")[2] or None)
    sentences = [f"• {sentence}" for sentence in in_short(report, t).sentences]
    closing = t("The report is attached as PDF, and as a workbook with all figures.")
    message.set_content("\n".join([f"{report.plant}, {month}", "", *sentences, "", closing, "", "Energy Track"]))
    message.add_attachment(
        as_pdf(report), maintype="application", subtype="pdf", filename=file_name(report, "pdf")
    )  # fmt: skip
    kind, subtype = XLSX
    message.add_attachment(as_xlsx(report), maintype=kind, subtype=subtype, filename=file_name(report, "xlsx"))
    return message


def send(message: EmailMessage, server: MailSettings) -> None:
    """Hand a message to the mail server; raises MailNotSent with the reason."""
    address = server.smtp_host or ""
    host, _, port = address.rpartition(":")
    try:
        with _connected(host, int(port), server) as connection:
            if server.smtp_user:
                file = server.smtp_password_file
                connection.login(server.smtp_user, "" if file is None else file.read_text(encoding="utf-8").strip())
            connection.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotSent(address, str(error)) from error


def _connected(host: str, port: int, server: MailSettings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if port == TLS_FROM_THE_START:
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    connection = smtplib.SMTP(host, port, timeout=SECONDS)
    try:
        if server.smtp_require_tls:
            connection.starttls(context=context)
    except BaseException:
        connection.close()
        raise
    return connection
