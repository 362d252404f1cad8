"""A plant at work, for all that look at it: the whole local stack, and machines to which everything happens."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from energytrack.bus import Sink
from energytrack.bus.open import open_bus
from energytrack.messages import Factor, LikelyComponent, LikelyMode, Recommendation, RemainingLife, StopOption, encode
from energytrack.security.rights import ADMIN
from energytrack.topics import EVENTS, INSIGHTS, READINGS
from local.services.access import kafka_settings
from testkit.builders.messages import a_reading, an_event, an_insight
from testkit.builders.plants import never_at_rest
from testkit.clients.http import HTTP
from testkit.patience import seconds_here
from testkit.stack.first_model import SMALL_PAST, first_model
from testkit.stack.local_stack import LocalStack, a_stack

DEVICES: Final = 20
MACHINE: Final = "sent-0001"
"""A machine of a gateway: it fails, is repaired, loses a sensor, answers orders and sends what nobody understands.
Its register rises by more than a machine can use, so that nobody believes it."""
QUIET: Final = "sent-0002"
"""One that has said something once."""
BROKEN: Final = "sent-0003"
"""One that has failed and waits for its repair, whatever happens to the simulated ones meanwhile."""
RISE_KWH: Final = 100.0
"""What its register counts from one telling to the next, which are seconds apart."""
INSPECT: Final = Recommendation("inspect_24h", "High failure risk: Inspect machine within 24 hours.")


@dataclass
class StackWithGateway:
    """The running stack, and the gateway of a machine or two."""

    stack: LocalStack
    sink: Sink
    begun: datetime
    times_sent: int = 0
    recorded: bool = False
    names: dict[str, str] = field(default_factory=lambda: {"line": "machining-a", "device_type": "cnc_machine"})

    def tell(self) -> None:
        """Everything happens to the machine once more; its sensor of pressure is lost once it was on record."""
        now, self.times_sent = datetime.now(UTC), self.times_sent + 1
        before = now - timedelta(seconds=2)
        reading = a_reading(
            MACHINE,
            timestamp=before,
            pressure=None if self._pressure_is_on_record() else 5.3,
            energy_kwh=RISE_KWH * self.times_sent,
            **self.names,
        )
        insight = an_insight(
            MACHINE,
            timestamp=now,
            scored_at=now,
            novelty=0.3,
            likely_modes=(LikelyMode("bearing_wear", 0.8),),
            remaining_life=RemainingLife(2.0, 9.0),
            likely_components=(LikelyComponent("bearing", 0.8),),
            stop_options=(StopOption("now", 160.0, now), StopOption("run_on", 900.0)),
            top_factors=(Factor("temperature_slope_1h", 0.4), Factor("code_W-210", 0.2)),
            recommendations=()
            if self.times_sent % 4 == 1
            else (INSPECT,),  # closed at times, so that it is opened again
        )
        broken = a_reading(BROKEN, timestamp=before, state="failed", **self.names)
        self.sink.put(READINGS, MACHINE, encode(reading))
        self.sink.put(READINGS, BROKEN, encode(broken))
        self.sink.put(READINGS, MACHINE, b"not what anybody understands")
        self.sink.put(INSIGHTS, MACHINE, encode(insight))
        for kind in ("fault_code", "failure", "maintenance_started", "maintenance_done", "command_result"):
            event = an_event(kind, MACHINE, event_id=f"{kind}-{self.times_sent}", timestamp=now)
            self.sink.put(EVENTS, MACHINE, encode(event))
        if self.times_sent == 1:
            long_ago = a_reading(QUIET, timestamp=now - timedelta(minutes=5), **self.names)
            self.sink.put(READINGS, QUIET, encode(long_ago))
        self.sink.flush()

    def _pressure_is_on_record(self) -> bool:
        """Whether Prometheus has it, so that it can be missed: a matter of its clock, not of how often we sent."""
        on_record = f'present_over_time(device_sensor:present:active{{device_id="{MACHINE}",sensor="pressure"}}[15m])'
        self.recorded = self.recorded or bool(self.ask(on_record))
        return self.recorded

    def ask(self, expression: str) -> list[Any]:
        """The series that Prometheus answers with now; raises where it refuses."""
        return self._asked("query", query=expression)

    def ask_since_the_start(self, expression: str) -> list[Any]:
        """The series that it has had at any time since the stack began."""
        return self._asked(
            "query_range", query=expression, start=self.begun.timestamp(), end=datetime.now(UTC).timestamp(), step="5"
        )

    def _asked(self, how: str, **parameters: Any) -> list[Any]:
        site = self.stack.site
        answer = HTTP.get(
            site.url(site.ports.prometheus, f"/api/v1/{how}"), params=parameters, timeout=seconds_here(20)
        )
        assert answer.status_code == 200, f"{parameters['query']}: {answer.text}"
        series: list[Any] = answer.json()["data"]["result"]
        return series


@contextmanager
def at_work(stack: LocalStack, models: Path) -> Iterator[StackWithGateway]:
    """The stack with its gateway, from its start to its end."""
    begun = datetime.now(UTC)
    with first_model(stack.site, models):
        up = stack.say("up", "--devices", str(DEVICES))
    assert up.returncode == 0, up.stdout + up.stderr
    bus = open_bus(kafka_settings(stack.site, ADMIN), "test")
    with closing(bus.sink()) as sink:
        yield StackWithGateway(stack, sink, begun)


@pytest.fixture(scope="package")
def plant(tmp_path_factory: pytest.TempPathFactory, first_models: Path) -> Iterator[StackWithGateway]:
    folder = tmp_path_factory.mktemp("plant")
    settings = {**SMALL_PAST, "ENERGYTRACK_PLANT_FILE": str(never_at_rest(folder / "plant.toml"))}
    with a_stack(folder / "var", settings) as stack, at_work(stack, first_models) as plant:
        yield plant
