"""Alertmanager's configuration: who is notified, when, and which alerts suppress others."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from energytrack.contract.calendar import WEEKDAYS, Shift
from energytrack.plant import Plant
from tools.alerts.catalogue import IDENTITY, AlertDefinition, Catalogue

CONTROL_API: Final = "control-api"
PAGER: Final = "pager"
MAIL: Final = "mail"
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Mail(Struct, frozen=True):
    """The recipients of mail, and the server."""

    to: str
    sender: str
    smarthost: str
    username: str | None = None
    password_file: str | None = None
    require_tls: str | None = None
    """Whether mail requires TLS, `true` or `false`; Alertmanager's default is true."""


class Contacts(Struct, frozen=True):
    """Who is notified. The control API always is: it keeps the alarms that people acknowledge."""

    webhook_url: str
    token_file: str | None = None
    """A bearer token for the webhook."""
    mail: Mail | None = None
    pager_url: str | None = None
    """The webhook of a pager service."""


PEOPLE: Final = {
    "mail": (True, False),
    "pager": (False, True),
    "mail-and-pager": (True, True),
}
"""For each committed file of contacts, whether it has mail and a pager."""


def by_environment(webhook_url: str, token_file: str, *, mail: bool, pager: bool) -> Contacts:
    """Contacts with variables as addresses, to be filled in (local/paging.py, envsubst)."""
    variable = "${{ENERGYTRACK_ALERTS_{}}}".format
    through = Mail(
        to=variable("MAIL_TO"),
        sender=variable("MAIL_FROM"),
        smarthost=variable("SMTP_HOST"),
        username=variable("SMTP_USER"),
        password_file=variable("SMTP_PASSWORD_FILE"),
        require_tls=variable("SMTP_REQUIRE_TLS"),
    )
    return Contacts(
        webhook_url,
        token_file,
        mail=through if mail else None,
        pager_url=variable("PAGER_URL") if pager else None,
    )


def configuration(catalogue: Catalogue, plant: Plant, contacts: Contacts) -> dict[str, Any]:
    """The content of Alertmanager's file."""
    return {
        "route": {
            "receiver": CONTROL_API,
            "group_by": ["line", "device_id"],
            "group_wait": "5s",
            "group_interval": "15s",
            "repeat_interval": "1h",
            "routes": [*_control_api(), *_people(catalogue, plant, contacts)],
        },
        "inhibit_rules": [rule for alert in catalogue.alerts for rule in _inhibitions(alert)],
        "time_intervals": _working_hours(plant),
        "receivers": list(_receivers(contacts)),
    }


def _control_api() -> Iterable[dict[str, Any]]:
    """The control API receives everything at once; people are notified by the routes after it."""
    yield {"receiver": CONTROL_API, "continue": True}


def _people(catalogue: Catalogue, plant: Plant, contacts: Contacts) -> Iterable[dict[str, Any]]:
    urgent = PAGER if contacts.pager_url else MAIL
    if not (contacts.mail or contacts.pager_url):
        return
    # One machine with many symptoms is one page.
    yield {
        "receiver": urgent,
        "matchers": ['severity="critical"'],
        "group_by": ["line", "device_id", "stage", "job"],
        "group_wait": "10s",
        "group_interval": "1m",
        "repeat_interval": "30m",
    }
    if not contacts.mail:
        return
    by_line: dict[str, Any] = {
        "receiver": MAIL,
        "group_by": ["team", "line"],
        "group_wait": "1m",
        "group_interval": "10m",
        "repeat_interval": "8h",
    }
    hasty = [alert.name for alert in catalogue.alerts if alert.severity == "warning" and not alert.waits]
    if hasty:
        yield by_line | {"matchers": [f'alertname=~"{"|".join(hasty)}"']}
    for line in plant.lines:
        yield by_line | {"matchers": [f'line="{line}"'], "active_time_intervals": [_at_work(line)]}
    yield by_line | {"active_time_intervals": ["at-work"]}


def _inhibitions(alert: AlertDefinition) -> Iterable[dict[str, Any]]:
    source = {"source_matchers": [f'alertname="{alert.name}"']}
    if alert.silences:
        targets = [f'alertname=~"{"|".join(alert.silences)}"']
        yield source | {"target_matchers": targets, "equal": list(IDENTITY[alert.subject][:1])}
    if alert.silences_all:
        yield source | {"target_matchers": [f'alertname=~"{"|".join(alert.silences_all)}"']}


def _receivers(contacts: Contacts) -> Iterable[dict[str, Any]]:
    webhook: dict[str, Any] = {"url": contacts.webhook_url, "send_resolved": True}
    if contacts.token_file:
        webhook["http_config"] = {"authorization": {"credentials_file": contacts.token_file}}
    yield {"name": CONTROL_API, "webhook_configs": [webhook]}
    if contacts.pager_url:
        yield {"name": PAGER, "webhook_configs": [{"url": contacts.pager_url, "send_resolved": True}]}
    if contacts.mail:
        mail: dict[str, Any] = {
            "to": contacts.mail.to,
            "from": contacts.mail.sender,
            "smarthost": contacts.mail.smarthost,
            "send_resolved": True,
        }
        if contacts.mail.username:
            mail |= {
                "auth_username": contacts.mail.username,
                "auth_password_file": contacts.mail.password_file,
            }
        if contacts.mail.require_tls:
            mail["require_tls"] = contacts.mail.require_tls
        yield {"name": MAIL, "email_configs": [mail]}


def _working_hours(plant: Plant) -> list[dict[str, Any]]:
    """The times when people are at work: on each line, and on any line."""
    by_line = {_at_work(line): described.shifts for line, described in plant.lines.items()}
    used = sorted({shift for shifts in by_line.values() for shift in shifts})
    return [
        {
            "name": name,
            "time_intervals": [
                {"weekdays": days, "times": [times], "location": plant.zone.key}
                for shift in shifts
                for days, times in _stretches(plant.shifts[shift])
            ],
        }
        for name, shifts in {**by_line, "at-work": used}.items()
    ]


def _stretches(shift: Shift) -> Iterable[tuple[list[str], dict[str, str]]]:
    """A shift as intervals within one day each; breaks count as work, because people are nearby."""
    window = shift.window
    days = [WEEKDAYS.index(day) for day in window.days if day != "holiday"]  # neither server knows which days those are
    if not days:
        return
    start, end = f"{window.start:%H:%M}", f"{window.end:%H:%M}"
    if window.start < window.end:
        yield [DAYS[day] for day in days], {"start_time": start, "end_time": end}
        return
    yield [DAYS[day] for day in days], {"start_time": start, "end_time": "24:00"}
    if end != "00:00":
        yield [DAYS[(day + 1) % 7] for day in days], {"start_time": "00:00", "end_time": end}


def _at_work(line: str) -> str:
    return f"at-work-{line}"
