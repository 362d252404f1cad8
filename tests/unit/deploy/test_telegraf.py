"""What Telegraf makes of a machine's values is a reading, whatever the machine lacks."""

import json
import tomllib
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any, Final

import jsonata
import pytest

from energytrack.decoding.decoder import ReadingDecoder
from energytrack.fields import STATES
from energytrack.messages import Reading
from energytrack.topics import READINGS
from testkit.dates import NOW, written
from testkit.gateways.telegraf import ARGUMENTS, PLUGINS, VERSION
from tests.unit.deploy.compose_file import containers

ROOT: Final = Path(__file__).resolve().parents[3]
FOLDER: Final = ROOT / "deploy" / "telegraf"
MEASURED: Final = NOW - timedelta(milliseconds=750)
EXAMPLES: Final = sorted((FOLDER / "examples").glob("*.conf"))
PARSERS: Final = {"xml": "xpath", "xpath_protobuf": "xpath"}
"""The build tags of formats whose names differ from it."""
WHOLE: Final = {"temperature": 61.4, "pressure": 6.1, "current": 4.2}


def configuration(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def output() -> dict[str, Any]:
    """How readings leave Telegraf."""
    kafka: dict[str, Any] = configuration(FOLDER / "telegraf.conf")["outputs"]["kafka"][0]
    return kafka


def sent(fields: dict[str, Any], decoder: ReadingDecoder | None = None, **tags: str) -> Reading:
    """The reading that Energy Track gets of these values."""
    metric = {
        "name": "part",
        "tags": {"device_id": "cnc-0007", **tags},
        "fields": fields,
        "timestamp": written(MEASURED),
    }
    message = jsonata.Jsonata(output()["json_transformation"]).evaluate(metric)
    reading = (decoder or ReadingDecoder()).decode(json.dumps(message).encode(), NOW)
    assert isinstance(reading, Reading)
    return reading


def test_a_whole_reading_arrives_as_it_was_measured() -> None:
    expected = Reading(
        device_id="cnc-0007",
        timestamp=MEASURED,
        temperature=61.4,
        pressure=6.1,
        current=4.2,
        device_type="cnc_machine",
        line="machining-a",
        energy_kwh=1180.44,
        state="running",
    )
    fields = {**WHOLE, "energy_kwh": 1180.44, "state": "running"}
    assert expected == sent(fields, device_type="cnc_machine", line="machining-a")


@pytest.mark.parametrize("lost", WHOLE)
def test_a_value_that_is_missing_was_not_reported(lost: str) -> None:
    """It is not known, or for a while the one before."""
    rest = {name: value for name, value in WHOLE.items() if name != lost}
    assert getattr(sent(rest), lost) is None
    decoder = ReadingDecoder()
    sent(WHOLE, decoder)
    assert getattr(sent(rest, decoder), lost) == WHOLE[lost]


def test_what_the_plant_file_knows_need_not_be_said() -> None:
    reading = sent(WHOLE)
    assert (reading.device_type, reading.line, reading.energy_kwh, reading.state) == (None, None, None, None)


@pytest.mark.parametrize("lost", [*WHOLE, "energy_kwh", "state", "vibration"])
def test_what_is_lost_is_null_at_once(lost: str) -> None:
    """The last value does not hold."""
    decoder = ReadingDecoder()
    whole = {**WHOLE, "energy_kwh": 1180.44, "state": "running", "vibration": 0.35}
    sent(whole, decoder)
    reading = sent({**whole, lost: "lost"}, decoder)
    assert (reading.signals[lost] if lost == "vibration" else getattr(reading, lost)) is None


def test_further_numbers_go_along_under_their_names() -> None:
    assert sent({**WHOLE, "vibration": 0.35, "Quality": "OK (0x0)"}).signals == {"vibration": 0.35}


def test_there_are_no_signals_where_nothing_else_is_measured() -> None:
    assert sent(WHOLE).signals == {}


def test_readings_go_to_their_topic_in_each_machines_order() -> None:
    assert output()["topic"] == "${ENERGYTRACK_KAFKA_TOPIC_PREFIX:-}" + READINGS
    assert output()["routing_tag"] == "device_id"
    assert output()["required_acks"] == -1


def plugins(file: Path) -> set[str]:
    """The plugins of a file, as Telegraf's build tags name them."""
    content = configuration(file)
    kinds = ("inputs", "outputs", "processors", "aggregators", "secretstores")
    found = {f"{kind}.{name}" for kind in kinds for name in content.get(kind, {})}
    formats = {
        PARSERS.get(plugin["data_format"], plugin["data_format"])
        for plugin in chain.from_iterable(content.get("inputs", {}).values())
        if "data_format" in plugin
    }
    return found | {f"parsers.{name}" for name in formats}


@pytest.mark.parametrize("file", [FOLDER / "telegraf.conf", *EXAMPLES], ids=lambda file: file.stem)
def test_the_telegraf_of_the_tests_has_every_plugin(file: Path) -> None:
    assert plugins(file) <= set(PLUGINS)


def test_the_telegraf_of_the_tests_is_that_of_compose() -> None:
    described = containers()["telegraf"].described
    assert described["image"] == f"telegraf:{VERSION}"
    assert described["command"][: len(ARGUMENTS)] == list(ARGUMENTS)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_tried_on_the_real_telegraf(file: Path) -> None:
    tried = "".join(test.read_text(encoding="utf-8") for test in (ROOT / "tests" / "gateways").glob("test_*.py"))
    assert f'"{file.stem}"' in tried


def test_the_examples_words_for_states_are_the_ones_we_know() -> None:
    mapping = configuration(FOLDER / "examples" / "opcua.conf")["processors"]["enum"][0]["mapping"][0]
    assert set(mapping["value_mappings"].values()) == set(STATES)
    assert "default" not in mapping  # a number that nobody has explained is no state
