"""Whatever a plant sends is understood, or named: nothing costs more than the value that is wrong."""

import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from energytrack.decoding.decoded import Decoded
from energytrack.decoding.decoder import ReadingDecoder
from energytrack.errors import ClockAhead, MalformedMessage
from energytrack.messages import Reading, encode
from testkit.builders.messages import NOW, a_reading
from testkit.dates import DAY, written
from tests.unit.energytrack.decoding.raw_readings import WHOLE, decoded, part, raw

SECONDS = int(NOW.timestamp())


def refusal(value: bytes | None, decoder: ReadingDecoder | None = None) -> MalformedMessage:
    with pytest.raises(MalformedMessage) as malformed:
        (decoder or ReadingDecoder()).decode(value, NOW)
    return malformed.value


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("temperature", "hot", 'got "hot", expected a number, or null while the sensor is lost - at `$.temperature`'),
        ("temperature", "RUNNING", "expected a number"),
        ("temperature", True, "got true, expected a number"),
        ("temperature", "", "send null"),
        ("temperature", "n/a", "send null"),
        ("temperature", "61,5", "write the decimal sign as a point (61.5)"),
        ("temperature", "61.5 °C", "without its unit"),
        ("temperature", [61.5], "expected a number"),
        ("temperature", -500, "got -500 °C, expected -273.15 to 2,500 °C: a broken wire"),
        ("temperature", 10**400, "got inf"),
        ("pressure", 1e7, "expected -5 to 10,000 bar"),
        ("current", -1e9, "expected -200,000 to 200,000 A"),
        ("energy_kwh", -1, "got -1 kWh, expected 0 to"),
        ("state", "dancing", 'say what it means in plant.toml, for example states = { "dancing" = "running" }'),
        ("state", 2, 'states = { "2" = "running" }'),
        ("line", "", "expected a text of 1 to 64 characters"),
        ("device_type", 7, "expected a text"),
    ],
)
def test_a_bad_value_is_unknown_and_named(field: str, value: Any, expected: str) -> None:
    """The reading stands, all other values count."""
    reading, (problem,) = decoded(raw({**WHOLE, field: value}))
    right, none = decoded(raw({**WHOLE, field: None}))
    assert (reading, none) == (right, ())
    assert (problem.device_id, problem.field) == ("cnc-0007", field)
    assert expected in problem.detail


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_value_that_is_no_number_is_unknown(text: str) -> None:
    """NaN is no JSON, and many gateways send it all the same."""
    reading, (problem,) = decoded(raw().replace(b"61.5", text.encode()))
    assert (reading.temperature, reading.energy_kwh) == (None, 48211.337)
    assert (problem.field, "send null while the sensor is lost" in problem.detail) == ("temperature", True)


@pytest.mark.parametrize(
    ("value", "understood"), [("61.5", 61.5), (" 61.5 ", 61.5), ("-4", -4.0), ("6.15e1", 61.5), (".5", 0.5)]
)
def test_numbers_in_texts_are_numbers(value: str, understood: float) -> None:
    assert decoded(raw(temperature=value)) == (decoded(raw(temperature=understood))[0], ())


def test_a_signal_can_be_a_counter() -> None:
    """The highest value of a register of 32 bits."""
    reading, problems = decoded(raw(signals={"good": 2**32 - 1}))
    assert (reading.signals, problems) == ({"good": 4_294_967_295.0}, ())


@pytest.mark.parametrize("value", ["RUNNING", "Running", " running "])
def test_a_state_is_known_in_any_case(value: str) -> None:
    reading, problems = decoded(raw(state=value))
    assert (reading.state, problems) == ("running", ())


@pytest.mark.parametrize(
    ("device_id", "value", "state"),
    [("cnc-0007", 2, "running"), ("cnc-0007", "auto", "idle"), ("press-1", "2", "failed"), ("press-1", "AUTO", "idle")],
)
def test_a_plant_has_words_of_its_own_for_states(device_id: str, value: Any, state: str) -> None:
    """For all machines, or for one."""
    decoder = ReadingDecoder(states={"2": "running", "AUTO": "idle"}, states_of={"press-1": {"2": "failed"}})
    assert decoded(raw(device_id=device_id, state=value), decoder)[0].state == state


@pytest.mark.parametrize(
    "sent",
    [
        SECONDS,
        float(SECONDS),
        str(SECONDS),
        SECONDS * 1000,
        str(SECONDS * 1000),
        SECONDS * 1_000_000,
        SECONDS * 1_000_000_000,
        f"{DAY}T11:00:00+01:00",
        f"{DAY} 10:00:00Z",
        f"{DAY} 10:00:00 UTC",
        f"{DAY:%Y%m%d}T100000Z",
        f"{DAY}T10:00:00,000Z",
    ],
)
def test_times_are_understood_however_they_are_written(sent: Any) -> None:
    """The magnitude tells the unit; a zone tells the hour."""
    assert decoded(raw(timestamp=sent))[0].timestamp == NOW


def test_fractions_of_counted_seconds_count() -> None:
    assert decoded(raw(timestamp=SECONDS + 0.25))[0].timestamp == NOW + timedelta(seconds=0.25)
    assert decoded(raw(timestamp=SECONDS * 1_000_000_000 + 250_000_000))[0].timestamp == NOW + timedelta(seconds=0.25)


@pytest.mark.parametrize(
    ("fields", "reason", "expected"),
    [
        ({"timestamp": f"{DAY}T10:00:00"}, "bad_timestamp", 'clock_zone = "Europe/Berlin"'),
        ({"timestamp": 46349.4167}, "bad_timestamp", "a day count of a spreadsheet?"),
        ({"timestamp": 12}, "bad_timestamp", "not a time between 2000 and 2100 in any unit"),
        ({"timestamp": f"{DAY}"}, "bad_timestamp", "a day without a time"),
        ({"timestamp": f"{DAY:%Y%m%d}100000"}, "bad_timestamp", "not a time between 2000 and 2100"),
        ({"timestamp": 1e30}, "bad_timestamp", "nanoseconds since 1970"),
        ({"timestamp": None}, "bad_timestamp", "got null"),
        ({"timestamp": True}, "bad_timestamp", "got true"),
        ({"timestamp": "yesterday"}, "bad_timestamp", 'got "yesterday", expected a time with its zone'),
        ({"timestamp": "1999-12-31T23:59:59Z"}, "bad_timestamp", "after 2000-01-01"),
        ({"device_id": ""}, "wrong_type", 'got ""'),
        ({"device_id": "cnc 7"}, "wrong_type", 'got "cnc 7", expected 1 to 64 letters'),
        ({"device_id": None}, "wrong_type", "got null"),
        ({"device_id": "x" * 65}, "wrong_type", "expected 1 to 64"),
    ],
)
def test_a_reading_is_refused_where_machine_or_time_are_not_understood(
    fields: dict[str, Any], reason: str, expected: str
) -> None:
    """The sentence names the field, what came, what was expected, and what to do."""
    malformed = refusal(raw(**fields))
    assert malformed.reason == reason
    assert expected in malformed.detail
    assert f"$.{next(iter(fields))}" in malformed.detail


@pytest.mark.parametrize("field", ["device_id", "timestamp"])
def test_what_is_missing_is_named_beside_what_is_there(field: str) -> None:
    fields = {"name" if name == field else name: value for name, value in WHOLE.items()}
    malformed = refusal(raw(fields))
    assert malformed.reason == "missing_field"
    assert f'there is no {field} (its other fields: "name")' in malformed.detail


@pytest.mark.parametrize(
    ("value", "reason", "expected"),
    [
        (None, "empty", "no value"),
        (b"", "empty", "no value"),
        (b"\r\n", "empty", "no value"),
        (b"{", "not_json", "got '{'"),
        (b"\x93\x00rubbish", "not_json", ""),
        (b'"cnc-0007"', "wrong_type", "got a text, expected an object"),
        (b"7", "wrong_type", "got a number"),
        (b"null", "wrong_type", "got null"),
        (raw(line="x" * 1_000_000), "too_large", "send fewer readings in one message"),
        (raw(line="Fräserei").decode("unicode_escape").encode("latin-1"), "not_json", "is it Latin-1?"),
        (b'{"other":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "not_json", ""),
    ],
)  # fmt: skip
def test_what_is_no_reading_is_refused(value: bytes | None, reason: str, expected: str) -> None:
    malformed = refusal(value)
    assert malformed.reason == reason
    assert expected in malformed.detail


def test_what_is_too_large_is_refused_before_it_unfolds() -> None:
    """Thirty megabytes of signals would take ten times as much memory as objects."""
    value = raw()[:-1] + b',"signals":{' + b",".join(b'"s%d":1' % number for number in range(200_000)) + b"}}"
    tracemalloc.start()
    malformed = refusal(value)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert malformed.reason == "too_large"
    assert peak < 1_000_000


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\n\n"])
def test_a_byte_order_mark_and_empty_lines_change_nothing(mark: bytes) -> None:
    assert decoded(mark + raw() + b"\r\n") == decoded(raw())


@pytest.mark.parametrize("form", [b"[%s, %s]", b"%s\n%s\n"])
def test_an_array_of_readings_is_several(form: bytes) -> None:
    """As an array, or an object a line; what is wrong with one of them costs that one."""
    later = raw(timestamp=written(NOW + timedelta(seconds=1)), temperature="hot")
    made = ReadingDecoder().decode(form % (raw(), later), NOW)
    assert isinstance(made, Decoded)
    first, second = made.messages
    assert isinstance(first, Reading)
    assert isinstance(second, Reading)
    assert (first.temperature, second.temperature) == (61.5, None)
    assert [problem.field for problem in made.problems] == ["temperature"]


def test_of_an_array_the_readings_that_are_wrong_are_named() -> None:
    ahead = raw(timestamp=written(NOW + timedelta(hours=2)))
    made = ReadingDecoder().decode(b"[%s, 7, {}, %s]" % (raw(), ahead), NOW)
    assert isinstance(made, Decoded)
    assert len(made.messages) == 1
    assert [each.reason for each in made.refused] == ["wrong_type", "missing_field", "clock_ahead"]
    assert "reading 3 of 4" in made.refused[1].detail
    assert isinstance(made.refused[2], ClockAhead)


def test_a_message_that_tells_nothing_is_named() -> None:
    """A misspelt field must not look like a sensor that is silent."""
    reading, (problem,) = decoded(part(Temperature=61.5))
    assert (reading.temperature, problem.field) == (None, "reading")
    assert '"Temperature"' in problem.detail


def test_a_further_signal_that_is_wrong_costs_itself() -> None:
    reading, problems = decoded(raw(signals={"vibration": "n/a", "flow": 2.5, "3rd": 1.0}))
    assert reading.signals == {"vibration": None, "flow": 2.5}
    assert [problem.field for problem in problems] == ["signals", "signals"]
    reading, problems = decoded(raw(signals={f"s{i}": i for i in range(40)}))
    assert (len(reading.signals), len(problems)) == (32, 1)
    reading, (problem,) = decoded(raw(signals=[1, 2]))
    assert (reading.signals, problem.field) == ({}, "signals")


@pytest.mark.parametrize(("zoned", "hour"), [(frozenset({"cnc-0007"}), 10), (frozenset(), 9)])
def test_local_time_is_understood_where_the_plant_says_its_zone(zoned: frozenset[str], hour: int) -> None:
    """For the machine (its correction says what it means), or for all that have none."""

    def local(at: datetime, now: datetime) -> datetime:
        return at - timedelta(hours=1)

    decoder = ReadingDecoder(zoned=zoned, local=local)
    reading, _ = decoded(raw(timestamp=f"{DAY}T10:00:00"), decoder)
    assert reading.timestamp == datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=UTC)


def test_a_flood_of_machines_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("energytrack.decoding.decoder.MOST_DEVICES", 10)
    decoder = ReadingDecoder()
    for i in range(100):
        decoded(raw({"device_id": f"x-{i}", "timestamp": written(NOW)}, temperature=1.0), decoder)
    assert len(decoder._in_parts) <= 10
    for i in range(100):
        decoder.decode(encode(a_reading(f"x-{i}")), NOW)
    assert len(decoder._last) <= 10
