"""Links: from dashboard to dashboard, to a machine's page and to the operators' page."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

TAG: Final = "energytrack"

HOME: Final = "energytrack-home"
PLANT: Final = "energytrack-plant"
LINE: Final = "energytrack-line"
ENERGY: Final = "energytrack-energy"
PRODUCTION: Final = "energytrack-production"
SAVINGS: Final = "energytrack-savings"
MAINTENANCE: Final = "energytrack-maintenance"
DEVICE: Final = "energytrack-device"
MODEL: Final = "energytrack-model"
PIPELINE: Final = "energytrack-pipeline"

TIME: Final = "${__url_time_range}"
CHOICE: Final = "${line:queryparam}&${device_type:queryparam}"


def menu() -> DashboardLink:
    """All of Energy Track's dashboards, keeping the time range and the selection."""
    return (
        DashboardLink("Energy Track")
        .type(DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
        .icon("external link")
    )


def operators() -> DashboardLink:
    """The operators' page, where orders are given."""
    return (
        DashboardLink("Operators' page")
        .type(DashboardLinkType.LINK)
        .url("/control/")
        .icon("bolt")
        .tooltip("Restart, shut down, lock and schedule machines")
    )


def to_dashboard(title: str, uid: str, *, choices: bool = True) -> DashboardLink:
    """Another dashboard, with the same time range and selection."""
    return DashboardLink(title).type(DashboardLinkType.LINK).url(f"/d/{uid}?{CHOICE + '&' if choices else ''}{TIME}")


def to_device(device: str = "${__field.labels.device_id}") -> DashboardLink:
    """The dashboard of the clicked machine."""
    return (
        DashboardLink("Show this machine").type(DashboardLinkType.LINK).url(f"/d/{DEVICE}?var-device={device}&{TIME}")
    )


def to_line(line: str = "${__field.labels.line}", *, kiosk: bool = False) -> DashboardLink:
    """The dashboard of a line; `kiosk` is the form for a screen on the wall, without menus."""
    title = "Show this line on a wall screen" if kiosk else "Show this line"
    wall = "&kiosk" if kiosk else ""
    return DashboardLink(title).type(DashboardLinkType.LINK).url(f"/d/{LINE}?var-line={line}{wall}")


def to_orders(device: str = "${__field.labels.device_id}") -> DashboardLink:
    """The operators' page of the machine that was clicked."""
    return DashboardLink("Act on this machine").type(DashboardLinkType.LINK).url(f"/control/devices/{device}")


def quarter_hour() -> DashboardLink:
    """The page that shows which machines may wait until the quarter hour is over."""
    return DashboardLink("Which machines may wait").type(DashboardLinkType.LINK).url("/control/energy#peak")


def savings() -> DashboardLink:
    """The page of measures and baselines."""
    return DashboardLink("Show on the page Savings").type(DashboardLinkType.LINK).url("/control/savings")


def production() -> DashboardLink:
    """The page on which operators tap the reasons of stops."""
    return DashboardLink("Show on the page Production").type(DashboardLinkType.LINK).url("/control/production")


def decide() -> DashboardLink:
    """The page on which people decide about suspect energy."""
    return DashboardLink("Decide what counts").type(DashboardLinkType.LINK).url("/control/energy")
