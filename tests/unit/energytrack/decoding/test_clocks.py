"""Clocks that are known to be wrong are set right where readings are parsed."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from energytrack.decoding.clocks import parsers
from energytrack.errors import ClockAhead, InvalidPlant
from energytrack.messages import encode
from energytrack.plant import Plant, load_plant
from energytrack.topics import EVENTS, READINGS
from testkit.builders.messages import NOW, a_reading, an_event
from testkit.dates import CLOCKS_BACK, CLOCKS_FORWARD, DAY, written

PLANT = (Path(__file__).parents[4] / "plant.toml").read_text(encoding="utf-8")


def a_plant(tmp_path: Path, line: str, more: str = "") -> Plant:
    """The example plant with one machine more, about which `line` says something."""
    file = tmp_path / "plant.toml"
    device = f'\n[[devices]]\ndevice_id = "own-1"\ndevice_type = "press"\nline = "press-shop"\n{line}\n'
    file.write_text(PLANT + device + more, encoding="utf-8")
    return load_plant(file)


def sent(plant: Plant, at: datetime, *, now: datetime = NOW, device_id: str = "own-1") -> datetime:
    """The timestamp of a reading as services see it."""
    reading = parsers(plant)[READINGS](encode(a_reading(device_id, timestamp=at)), now)
    return reading.timestamp  # type: ignore[union-attr]


def test_an_offset_is_taken_off(tmp_path: Path) -> None:
    """Two hours ahead, and the others as they are; events as well."""
    plant = a_plant(tmp_path, "clock_offset = 7200")
    assert sent(plant, NOW + timedelta(hours=2)) == NOW
    assert sent(plant, NOW, device_id="cnc-0007") == NOW
    event = parsers(plant)[EVENTS](encode(an_event(device_id="own-1", timestamp=NOW + timedelta(hours=2))), NOW)
    assert event.timestamp == NOW  # type: ignore[union-attr]


def test_a_clock_that_is_still_ahead_is_refused(tmp_path: Path) -> None:
    """The correction comes first."""
    plant = a_plant(tmp_path, "clock_offset = 3600")
    with pytest.raises(ClockAhead, match="its clock is 1 h ahead"):
        sent(plant, NOW + timedelta(hours=2))


@pytest.mark.parametrize(
    ("day", "local", "right"),
    [
        (date(DAY.year, 12, 1), "11:00", "10:00"),
        (date(DAY.year, 7, 1), "12:00", "10:00"),
        (CLOCKS_BACK, "02:30", "00:30"),  # summer time, the first time round
        (CLOCKS_BACK, "02:30", "01:30"),  # an hour later, the second time
        (CLOCKS_FORWARD, "03:00", "01:00"),
    ],
)
def test_local_time_is_understood(tmp_path: Path, day: date, local: str, right: str) -> None:
    """A machine that sends the plant's local time as if it were UTC, also in the hour that comes twice."""
    plant = a_plant(tmp_path, 'clock_zone = "Europe/Berlin"')
    at, expected = (datetime.combine(day, time.fromisoformat(clock), UTC) for clock in (local, right))
    assert sent(plant, at, now=expected) == expected


def test_how_far_ahead_is_a_setting(tmp_path: Path) -> None:
    """One minute, say."""
    plant = a_plant(tmp_path, "", "\n[clocks]\nahead_minutes = 1\n")
    assert sent(plant, NOW + timedelta(seconds=60)) == NOW + timedelta(seconds=60)
    with pytest.raises(ClockAhead):
        sent(plant, NOW + timedelta(seconds=61))


def test_a_zone_that_is_none_is_named(tmp_path: Path) -> None:
    """With the machine it stands at."""
    with pytest.raises(InvalidPlant, match=r"devices\.own-1\.clock_zone: 'Berlin' is not an IANA time zone"):
        a_plant(tmp_path, 'clock_zone = "Berlin"')


def test_meters_have_their_settings_there_too(tmp_path: Path) -> None:
    """A gap limit for one machine, and the limits for all."""
    plant = a_plant(tmp_path, "meter_gap_minutes = 15", "\n[metering]\ngap_minutes = 2\nlimit_kw = 400\n")
    assert plant.limits("own-1", "press").gap_seconds == 900.0
    assert plant.limits("cnc-0001", "cnc_machine").gap_seconds == 120.0
    assert plant.limits("pump-1", None).default_watts == 400e3
    assert plant.limits("own-1", "press") is plant.limits("own-1", "press")


@pytest.mark.parametrize(
    ("line", "more", "sent_at"),
    [
        ('clock_zone = "Europe/Berlin"', "", "11:00"),
        ("", '\n[clocks]\nzone = "Europe/Berlin"\n', "11:00"),
        ("clock_offset = 60", '\n[clocks]\nzone = "Europe/Berlin"\n', "11:01"),
        ('clock_zone = "Europe/Berlin"', '\n[clocks]\nzone = "UTC"\n', "11:00"),
    ],
)
def test_a_time_without_zone_is_understood_where_the_plant_says_its_zone(
    tmp_path: Path, line: str, more: str, sent_at: str
) -> None:
    """Of the machine, or else of all; readings and events."""
    parse = parsers(a_plant(tmp_path, line, more))
    winter = date(DAY.year, 1, 15)
    at = datetime.combine(winter, time(10), UTC)
    stamp = {"timestamp": f"{winter}T{sent_at}:00", "device_id": "own-1"}
    fields = {**json.loads(encode(a_reading())), **stamp}
    assert parse[READINGS](json.dumps(fields).encode(), at).timestamp == at  # type: ignore[union-attr]
    fields = {**json.loads(encode(an_event())), **stamp}
    assert parse[EVENTS](json.dumps(fields).encode(), at).timestamp == at  # type: ignore[union-attr]


def test_a_plants_words_for_states_are_known(tmp_path: Path) -> None:
    """Those of all machines, and those of one."""
    parse = parsers(a_plant(tmp_path, 'states = { "2" = "idle" }', '\n[states]\n"2" = "running"\nHALT = "stopped"\n'))
    for device_id, word, state in (("own-1", "2", "idle"), ("cnc-0007", 2, "running"), ("own-1", "halt", "stopped")):
        fields = {**json.loads(encode(a_reading(device_id))), "state": word}
        assert parse[READINGS](json.dumps(fields).encode(), NOW).state == state  # type: ignore[union-attr]


def test_how_long_a_value_holds_is_in_the_plant_file(tmp_path: Path) -> None:
    parse = parsers(a_plant(tmp_path, "", "\n[messages]\nhold_seconds = 60\n"))[READINGS]
    parse(encode(a_reading("own-1")), NOW)
    part = {"device_id": "own-1", "timestamp": written(NOW + timedelta(minutes=1)), "pressure": 5.4}
    held = parse(json.dumps(part).encode(), NOW)
    assert held.temperature == 61.5  # type: ignore[union-attr]
