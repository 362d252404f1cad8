"""Every button of every dashboard, pressed in a real Grafana in a real browser: what it sends, with and without texts.

The rows come from a stand-in for the exporters, and what would reach the control API is held here: that the API refuses
what was not typed is tested with its routes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, Route, sync_playwright

from control_api.http.schemas import typed_text
from local.install.programs import CHROMIUM, find
from testkit.patience import seconds_here
from testkit.stack.grafana import HOME, NONE_HERE, PASSWORD, GrafanaServer, grafana_running, prometheus_alone
from testkit.stack.servers import site_in, started
from testkit.stand_ins.exporter import a_series, exported_series
from tests.unit.grafana.dashboards import DashboardFile, boards
from tools.dashboards.kit.orders import REQUESTS
from tools.pictures.browser import FLAGS, wait_until_complete

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MACHINE: Final = {"device_id": "press-0007", "device_type": "hydraulic_press", "line": "press-shop"}
TYPED: Final = 'it says "clack" & 100 %'
AN_ALARM: Final = {"alarm": "MachineFailed", "severity": "critical", "handled_by": "maria"}
ROUTES: Final = {
    "Lock": "locks.lock",
    "Release": "locks.release",
    "Acknowledge": "alarm_deeds.acknowledge",
    "Was right": "alarm_deeds.judge",
    "False alarm": "alarm_deeds.judge",
    "Schedule shutdown": "measures.accept",
    "Give reason": "production.give_reason",
}
"""The routes of the buttons that give no orders: what they refuse is on /metrics by the route's name."""
REFUSED: Final = "energytrack_device_refused_request_timestamp_seconds"
SERIES: Final = {
    a_series("energytrack_device_info", MACHINE): 1.0,
    a_series("device:failure_probability_ratio:max", MACHINE): 0.83,
    a_series("device:power_watts:max", MACHINE): 4200.0,
    a_series("energytrack_device_recommendation_active", {**MACHINE, "recommendation": "scheduled_shutdown"}): 1.0,
    **{
        a_series(
            "energytrack_device_alarm_opened_timestamp_seconds",
            {**MACHINE, **AN_ALARM, "alarm_id": f"an-alarm-{state}", "state": state},
        ): 1.0
        for state in ("active", "acknowledged")
    },
    **{
        a_series(
            REFUSED,
            {**MACHINE, "request_id": "1", "action": route, "ordered_by": "grafana:maria", "detail": f"No {route}."},
        ): 1.0
        for route in set(ROUTES.values())
    },
    a_series(
        "energytrack_production_unexplained_stop_seconds",
        {**MACHINE, "start": "a-day-T06:15:00", "state": "stopped"},
    ): 900.0,
}  # fmt: skip


def buttons_of(panel: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a panel's rows."""
    looks = [each for override in panel["fieldConfig"]["overrides"] for each in override["properties"]]
    return [button for each in looks if each["id"] == "actions" for button in each["value"]]


def panels_with_buttons() -> list[tuple[DashboardFile, dict[str, Any]]]:
    """Each panel whose rows have some, with its dashboard."""
    return [
        (board, panel) for board in boards() for panel in board.panels if panel["type"] == "table" and buttons_of(panel)
    ]


def with_buttons() -> list[DashboardFile]:
    """Each dashboard that has some."""
    return [board for board in boards() if any(each is board for each, _ in panels_with_buttons())]


@dataclass(frozen=True)
class Pressed:
    """A browser in which an administrator is signed in."""

    grafana: GrafanaServer
    browser: Browser

    def open(self, board: DashboardFile, panel: dict[str, Any]) -> Page:
        """One panel of a dashboard, with its row."""
        context = self.browser.new_context(viewport={"width": 1920, "height": 1000})
        context.set_default_timeout(1000 * seconds_here(60))
        signed = context.request.post(f"{self.grafana.url}/login", data={"user": "admin", "password": PASSWORD})
        assert signed.ok, signed.text()
        page = context.new_page()
        page.goto(
            f"{self.grafana.url}/d/{board.json['uid']}?viewPanel=panel-{panel['id']}&from=now-5m&to=now"
            f"&var-device={MACHINE['device_id']}"
        )
        wait_until_complete(page)
        return page


@pytest.fixture(scope="module")
def pressed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pressed]:
    chromium = find(CHROMIUM)
    if HOME is None or chromium is None:
        pytest.skip(NONE_HERE if HOME is None else "no Chromium here")
    site = site_in(tmp_path_factory.mktemp("buttons"))
    state = site.var / "grafana"
    state.mkdir()
    nowhere = "127.0.0.1:9"
    with (
        exported_series() as recorded,
        started(prometheus_alone(site, recorded.address), site),
        grafana_running(
            state,
            prometheus=site.url(site.ports.prometheus, ""),
            alerts=f"http://{nowhere}",
            smtp=nowhere,
            mail_to="shift@plant.example",
            address=None,
        ) as grafana,
        sync_playwright() as playwright,
    ):
        recorded.series = SERIES
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield Pressed(grafana, browser)
        browser.close()


def test_there_are_panels_with_buttons() -> None:
    titles = {button["title"] for _, panel in panels_with_buttons() for button in buttons_of(panel)}
    assert {"Shut down", "Stop now", "Restart", "Lock", "Release", "Acknowledge", "Was right"} <= titles
    assert {"False alarm", "Schedule shutdown", "Give reason"} <= titles


@pytest.mark.parametrize(
    ("board", "panel"),
    panels_with_buttons(),
    ids=[f"{board.file}: {panel['title']}" for board, panel in panels_with_buttons()],
)
def test_each_button_sends_what_was_typed_about_its_row(
    pressed: Pressed, board: DashboardFile, panel: dict[str, Any]
) -> None:
    page = pressed.open(board, panel)
    sent: list[Request] = []

    def held(route: Route) -> None:
        sent.append(route.request)
        route.fulfill(status=409, json={"detail": "Refused here."})

    page.route("**/control/api/**", held)
    for button in buttons_of(panel):
        texts = [each["key"] for each in button.get("variables", ())]
        for typed in (None, TYPED, "") if texts else (None,):
            sent.clear()
            # Playwright hears of what happens while it is called only, so it has to wait itself.
            with page.expect_response("**/control/api/**"):
                _press(page.get_by_role("button", name=button["title"], exact=True).first, page, len(texts), typed)
            page.get_by_text("An error has occurred").first.wait_for()
            (request,) = sent
            _is_about_the_row(request, button)
            said = parse_qs(urlsplit(request.url).query, keep_blank_values=True)
            # A field that nobody touched arrives as the variable's name, which the control API takes for nothing.
            assert [typed_text(said[text][0]) for text in texts] == [typed or None] * len(texts)
    page.context.close()


@pytest.mark.parametrize("board", with_buttons(), ids=lambda board: board.file)
def test_why_a_button_was_refused_is_told_on_its_dashboard(pressed: Pressed, board: DashboardFile) -> None:
    """In words, with the sentence of the control API: Grafana itself shows only that there was an error."""
    (panel,) = (panel for panel in board.panels if REFUSED in str(panel.get("targets")))
    page = pressed.open(board, panel)
    titles = {button["title"] for each in board.panels for button in buttons_of(each)}
    for route in {ROUTES[title] for title in titles & ROUTES.keys()}:
        row = page.get_by_role("row").filter(has_text=f"No {route}.")
        row.get_by_text(REQUESTS[route], exact=True).wait_for()
        row.get_by_text("maria", exact=True).wait_for()
        row.get_by_text(MACHINE["device_id"], exact=True).wait_for()
    page.context.close()


def _press(button: Locator, page: Page, texts: int, typed: str | None) -> None:
    """As a person does: type into each field, or into none, go on, and say yes."""
    button.click()
    if texts:
        if typed is not None:
            for field in page.get_by_role("dialog").get_by_role("textbox").all():
                field.fill(typed)
        page.get_by_role("dialog").get_by_role("button", name="Continue").click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()


def _is_about_the_row(request: Request, button: dict[str, Any]) -> None:
    """Its address and body name the machine, the alarm or the stop of the row, and nothing is left to fill in."""
    assert request.method == button["fetch"]["method"]
    assert request.headers["x-grafana-action"] == "1"
    path, body = urlsplit(request.url).path, json.loads(request.post_data or "{}")
    template = button["fetch"]["url"] + button["fetch"]["body"]
    assert "${" not in path + json.dumps(body)
    if "alarm_id" in template:
        assert "/an-alarm-" in path
    else:
        assert MACHINE["device_id"] in (body.get("device_id"), path.split("/")[-2])
    fixed = {name: value for name, value in json.loads(button["fetch"]["body"]).items() if "${" not in str(value)}
    assert fixed.items() <= body.items()
