"""What Telegraf makes of a machine's values is a reading, whatever the machine lacks."""

import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import jsonata
import pytest

from energytrack.decoding.decoder import ReadingDecoder
from energytrack.messages import STATES, Reading
from energytrack.topics import READINGS
from testkit.dates import NOW, written

FOLDER: Final = Path(__file__).resolve().parents[3] / "deploy" / "telegraf"
MEASURED: Final = NOW - timedelta(milliseconds=750)
EXAMPLES: Final = sorted((FOLDER / "examples").glob("*.conf"))
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
def test_a_value_that_is_missing_was_not_told(lost: str) -> None:
    """It is not known, or for a while the one before."""
    rest = {name: value for name, value in WHOLE.items() if name != lost}
    assert getattr(sent(rest), lost) is None
    decoder = ReadingDecoder()
    sent(WHOLE, decoder)
    assert getattr(sent(rest, decoder), lost) == WHOLE[lost]


def test_what_the_plant_file_knows_need_not_be_said() -> None:
    reading = sent(WHOLE)
    assert (reading.device_type, reading.line, reading.energy_kwh, reading.state) == (None, None, None, None)


def test_further_numbers_go_along_under_their_names() -> None:
    assert sent({**WHOLE, "vibration": 0.35, "Quality": "OK (0x0)"}).signals == {"vibration": 0.35}


def test_there_are_no_signals_where_nothing_else_is_measured() -> None:
    assert sent(WHOLE).signals == {}


def test_readings_go_to_their_topic_in_each_machines_order() -> None:
    assert output()["topic"] == READINGS
    assert output()["routing_tag"] == "device_id"
    assert output()["required_acks"] == -1


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_delivers_readings_whole_or_in_parts(file: Path) -> None:
    merged = configuration(FOLDER / "telegraf.conf")["aggregators"]["merge"][0]["namepass"]
    text = file.read_text(encoding="utf-8")
    assert merged == ["part"]
    assert '"part"' in text or '"reading"' in text
    assert "device_id" in text
    assert all(name in text for name in WHOLE)


def test_the_examples_words_for_states_are_the_ones_we_know() -> None:
    mapping = configuration(FOLDER / "examples" / "opcua.conf")["processors"]["enum"][0]["mapping"][0]
    assert set(mapping["value_mappings"].values()) == set(STATES)
