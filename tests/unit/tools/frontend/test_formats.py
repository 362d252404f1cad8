"""The operators' page and the service mean the same by what travels between them."""

import json
import subprocess
import sys
from pathlib import Path
from shutil import which

import msgspec
import pytest

from control_api.live.fleet import LiveFleet, Update
from energytrack.catalogue import CODES
from energytrack.clock import ManualClock
from energytrack.machines.state import MachineState
from energytrack.messages import Factor, Recommendation
from energytrack.plant import load_plant
from testkit.builders.messages import NOW, a_reading, an_insight
from tools.frontend import formats

UNPACK = """
import { unpacked } from %s;
let sent = "";
for await (const part of process.stdin) sent += part;
console.log(JSON.stringify(unpacked(JSON.parse(sent))));
"""


def test_the_generated_module_is_current() -> None:
    """It is made by `python -m tools.frontend`."""
    assert formats.MODULE.read_text(encoding="utf-8") == formats.rendered()


def test_the_page_waits_for_a_recommendation_that_there_is() -> None:
    """It answers it with a schedule."""
    assert formats.IDLE_ADVICE in CODES


def test_the_page_reads_what_the_service_sends() -> None:
    """Field by field, from the array on the wire, in JavaScript itself."""
    node = which("node", path=str(Path(sys.executable).parent)) or which("node")
    if node is None:
        pytest.skip("no node here")
    insight = an_insight(
        failure_probability=0.8,
        prediction=1,
        top_factors=(Factor("codes_24h", 0.5, "3 warning codes in 24 h"),),
        recommendations=(Recommendation("inspect_24h", "High failure risk: Inspect machine within 24 hours."),),
    )
    fleet = LiveFleet(load_plant(Path("plant.toml")), ManualClock(NOW))
    fleet.seed([MachineState("cnc-0007", reading=a_reading(), insight=insight)])
    (update,) = fleet.all()
    ran = subprocess.run(
        [node, "--input-type=module", "--eval", UNPACK % json.dumps(formats.MODULE.as_uri())],
        input=msgspec.json.encode(update).decode(),
        check=True,
        capture_output=True,
        text=True,
    )
    read = json.loads(ran.stdout)
    assert list(read) == list(Update.__struct_fields__)
    assert (read["device_id"], read["risk"], read["prediction"]) == ("cnc-0007", 0.8, 1)
    assert (read["recommendation_codes"], read["contributions"]) == (["inspect_24h"], [0.5])
    assert read["silent"] is False
    assert read == {name: msgspec.to_builtins(getattr(update, name)) for name in Update.__struct_fields__} | {
        "recommendations": list(update.recommendations),
        "factors": list(update.factors),
        "recommendation_codes": list(update.recommendation_codes),
        "contributions": list(update.contributions),
    }
