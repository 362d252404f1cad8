"""A main loop that waits tells the watchdog that it turns."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
SERVICES = ("control_api", "exporters", "gateway", "historian", "ml", "simulator", "local")


def test_services_wait_by_pausing() -> None:
    """`service.stop.wait` looks the same and ends in five minutes, by the watchdog: `service.pause` is for that."""
    waiting = [
        f"{file.relative_to(ROOT)}:{number}"
        for folder in SERVICES
        for file in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if "service.stop.wait(" in line
    ]
    assert waiting == []
