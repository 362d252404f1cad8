"""Who is paged where there is no Grafana: a real Alertmanager, with the receivers that the environment names."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from local.services.observability import alertmanager_service, prepare_prometheus
from local.site import Site
from testkit.stack.servers import eventually, site_in, started
from testkit.stand_ins.mail import mail_server
from testkit.stand_ins.webhook import webhooks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

FAILED = {
    "labels": {"alertname": "MachineFailed", "severity": "critical", "device_id": "cnc-0007", "line": "machining-a"},
    "annotations": {"summary": "cnc-0007 has failed"},
}


@contextmanager
def alertmanager(site: Site) -> Iterator[None]:
    """Running, with the configuration that the environment asks for, and notified of a failure."""
    prepare_prometheus(site, [])
    with started(alertmanager_service(site), site):
        httpx.post(site.url(site.ports.alertmanager, "/api/v2/alerts"), json=[FAILED]).raise_for_status()
        yield


def test_a_pager_is_notified_beside_the_control_api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_in(tmp_path)
    with webhooks(site.ports.control_api) as received, webhooks(0) as paged:
        monkeypatch.setenv("ENERGYTRACK_ALERTS_PAGER_URL", f"{paged.url}/hook")
        with alertmanager(site):
            eventually(lambda: received.taken and paged.taken, 90)
    assert {each.path for each in received.taken} == {"/api/alerts"}
    assert paged.taken[0].path == "/hook"
    assert paged.taken[0].body["alerts"][0]["annotations"]["summary"] == "cnc-0007 has failed"


def test_a_mail_says_which_machine_it_is_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_in(tmp_path)
    with webhooks(site.ports.control_api), mail_server() as (address, mails):
        monkeypatch.setenv("ENERGYTRACK_ALERTS_MAIL_TO", "shift@plant.example, lead@plant.example")
        monkeypatch.setenv("ENERGYTRACK_ALERTS_SMTP_HOST", address)
        monkeypatch.setenv("ENERGYTRACK_ALERTS_SMTP_REQUIRE_TLS", "false")
        with alertmanager(site):
            eventually(lambda: mails, 90)
    assert mails[0]["To"] == "shift@plant.example, lead@plant.example"
    assert "cnc-0007" in mails[0]["Subject"]


def test_without_addresses_only_the_control_api_is_notified(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    prepare_prometheus(site, [])
    text = (site.var / "prometheus" / "config" / "alertmanager.yml").read_text(encoding="utf-8")
    assert "email_configs" not in text
    assert site.address(site.ports.control_api) in text
