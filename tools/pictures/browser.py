"""Chromium on a running stack: signs in, and waits until a page is complete."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import BrowserContext, Page, sync_playwright

from local.install.programs import CHROMIUM, find
from local.services.secrets import GRAFANA_PASSWORD, secret_env
from local.site import Site
from local.terminal.demo import sign_in_link
from tools.pictures.sights import Screenshot

FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PAGE_SECONDS: Final = 90.0
"""Seconds that a page may take on a busy machine."""
LOADING: Final = "[aria-label='Panel loading bar']"
PANEL: Final = "[data-viz-panel-key]"
COMPLETE: Final = f"() => document.querySelector({PANEL!r}) && !document.querySelector({LOADING!r})"
"""True if a dashboard is shown and none of its panels waits for a result."""


@contextmanager
def signed_in(site: Site, *, width: int, height: int, theme: str) -> Iterator[BrowserContext]:
    """A browser in which the site's administrator is signed in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(CHROMIUM), args=FLAGS)
        look: Any = theme
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=look)
        context.set_default_timeout(1000 * PAGE_SECONDS)
        context.add_init_script("localStorage.setItem('grafana.navigation.docked', 'false')")
        sign_in(context, site)
        yield context
        browser.close()


def sign_in(context: BrowserContext, site: Site) -> None:
    """Sign in as the administrator: with Grafana's password or, without Grafana, with a one-time link."""
    if site.grafana_home:
        sign_in_to_grafana(context, site, "admin", secret_env(site, [GRAFANA_PASSWORD])[GRAFANA_PASSWORD])
        return
    page = context.new_page()
    page.goto(sign_in_link(site))
    page.click("#sign-in")
    page.wait_for_url("**/control/")
    page.close()


def sign_in_to_grafana(context: BrowserContext, site: Site, user: str, password: str) -> None:
    """Sign in as that user; raises PermissionError."""
    answer = context.request.post(site.url(site.ports.caddy, "/login"), data={"user": user, "password": password})
    if not answer.ok:
        raise PermissionError(f"Grafana does not let {user} in: {answer.status}")


def show(page: Page, site: Site, sight: Screenshot, *, device: str, theme: str) -> None:
    """Go to a page and wait until it is complete."""
    path = sight.path.format(device=device)
    if not sight.is_of_grafana:
        page.goto(site.url(site.ports.caddy, path))
        page.wait_for_function("() => !document.querySelector('#view .quiet')?.textContent.includes('Loading')")
        page.wait_for_load_state("networkidle")
        return
    page.goto(site.url(site.ports.caddy, f"{path}&theme={theme}"))
    wait_until_complete(page)


def wait_until_complete(page: Page) -> None:
    """Wait until every panel in view has its result."""
    page.wait_for_selector(PANEL)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(COMPLETE)
