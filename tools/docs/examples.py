"""An example message of every kind with every field, as it is sent."""

from datetime import UTC, datetime, timedelta
from typing import Final

from energytrack.events import (
    CommandResult,
    Failure,
    FaultCode,
    MachineRetired,
    MaintenanceDone,
    MaintenanceStarted,
    MeterExchanged,
    MeterSuspect,
    PartsCorrected,
    PartsFinished,
    StateChanged,
)
from energytrack.messages import (
    Command,
    Factor,
    Insight,
    LikelyComponent,
    LikelyMode,
    Message,
    Reading,
    Recommendation,
    RemainingLife,
    StopOption,
)
from energytrack.topics import COMMANDS, EVENTS, INSIGHTS, READINGS

NOW: Final = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_ID: Final = "01KATW2V3R8M5T6Z7X9Y0Q1B2C"

EXAMPLES: Final[dict[str, tuple[Message, ...]]] = {
    READINGS: (
        Reading("cnc-0007", NOW, 68.21, 5.31, 12.4, "cnc_machine", "machining-a", 48211.337, "running",
                {"vibration": 2.31}),
    ),
    INSIGHTS: (
        Insight("cnc-0007", NOW, 0.83, 1, "20261123T090000Z-3f9a1c", NOW + timedelta(milliseconds=180),
                (Factor("temperature_slope_15m", 0.31, "temperature is rising by 0.4 degrees a minute"),),
                (Recommendation("inspect_24h", "High failure risk: Inspect machine within 24 hours."),),
                0.34, "Like earlier failures: bearing wear (81 %). Inspect first: bearing (84 %).",
                (LikelyMode("bearing_wear", 0.81),),
                RemainingLife(3.5, 19.0), (LikelyComponent("bearing", 0.84),),
                (StopOption("break", 210.0, NOW + timedelta(hours=1)), StopOption("now", 260.0, NOW),
                 StopOption("run_on", 850.0))),
    ),
    COMMANDS: (
        Command(_ID, "cnc-0007", "shutdown", "grafana:maria", "overheating", NOW, NOW + timedelta(seconds=60)),
    ),
    EVENTS: (
        StateChanged(event_id=_ID, device_id="cnc-0007", timestamp=NOW, state="stopped"),
        CommandResult(event_id=_ID, device_id="cnc-0007", timestamp=NOW, command_id=_ID, action="shutdown",
                      outcome="done", state="stopped", detail="ran down in 3 s"),
        FaultCode(event_id=_ID, device_id="cnc-0007", timestamp=NOW, code="W-210", component="bearing"),
        Failure(event_id=_ID, device_id="cnc-0007", timestamp=NOW, mode="bearing_wear", component="bearing"),
        MaintenanceStarted(event_id=_ID, device_id="cnc-0007", timestamp=NOW, component="bearing"),
        MaintenanceDone(event_id=_ID, device_id="cnc-0007", timestamp=NOW, component="bearing"),
        MeterExchanged(event_id=_ID, device_id="cnc-0007", timestamp=NOW, reason="exchanged_lower",
                       before_kwh=48211.337, after_kwh=12.3, detail="The register continued from a much lower value."),
        MachineRetired(event_id=_ID, device_id="cnc-0007", timestamp=NOW, by="grafana:maria", reason="sold"),
        MeterSuspect(event_id=_ID, device_id="cnc-0007", timestamp=NOW, reason="looks_like_wh",
                     before_kwh=48211.337, after_kwh=48213.559, detail="It looks like Wh sent as kWh."),
        PartsFinished(event_id=_ID, device_id="cnc-0007", timestamp=NOW, parts=12.0, scrap=1.0,
                      since=NOW - timedelta(minutes=20)),
        PartsCorrected(event_id="01KATX5M1C4P7Q9S2T6V8W0Y3Z", device_id="cnc-0007", timestamp=NOW,
                       corrects=_ID, parts=11.0, scrap=1.0),
    ),
}  # fmt: skip
"""The examples by topic."""
