"""A machine whose values come in several messages, and how long a value holds that a message lacks."""

from datetime import timedelta

import pytest

from energytrack.decoding.decoded import Decoded
from energytrack.decoding.decoder import ReadingDecoder
from energytrack.messages import Reading
from testkit.builders.messages import NOW
from testkit.dates import written
from tests.unit.energytrack.decoding.raw_readings import decoded, part, raw


def test_parts_of_a_machine_are_one_machine_with_all_its_sensors() -> None:
    """Half a second apart, and never a lost sensor in turns."""
    decoder = ReadingDecoder()
    readings = [
        decoded(part(second + shift, **fields), decoder)[0]
        for second in range(5)
        for shift, fields in ((0.0, {"temperature": 60.0 + second, "pressure": 5.3}), (0.5, {"current": 12.0 + second}))
    ]
    assert [(one.temperature, one.pressure, one.current) for one in readings[1:4]] == [
        (60.0, 5.3, 12.0), (61.0, 5.3, 12.0), (61.0, 5.3, 13.0),
    ]  # fmt: skip
    assert not [one for one in readings[1:] if None in {one.temperature, one.pressure, one.current}]


@pytest.mark.parametrize(("seconds", "known"), [(10.0, 61.5), (10.5, None)])
def test_a_value_that_is_not_reported_holds_for_ten_seconds(seconds: float, known: float | None) -> None:
    """As of the last complete reading; then it is not known."""
    decoder = ReadingDecoder()
    decoded(raw(), decoder)
    reading, problems = decoded(part(seconds, pressure=5.4), decoder)
    assert (reading.temperature, reading.pressure, problems) == (known, 5.4, ())


def test_a_counter_of_rejected_parts_is_taken_and_holds() -> None:
    decoder = ReadingDecoder()
    first = decoder.decode(raw(parts=48211, scrap=311), NOW)
    assert isinstance(first, Reading)
    assert first.scrap == 311.0
    later = decoder.decode(raw(timestamp=written(NOW + timedelta(seconds=1)), parts=48212), NOW)
    assert isinstance(later, Reading)
    assert (later.parts, later.scrap) == (48212.0, 311.0)


def test_a_counter_of_parts_is_taken_and_holds() -> None:
    decoder = ReadingDecoder()
    first = decoder.decode(raw(parts=48211), NOW)
    assert isinstance(first, Reading)
    assert first.parts == 48211.0
    later = decoder.decode(raw(timestamp=written(NOW + timedelta(seconds=1))), NOW)
    assert isinstance(later, Reading)
    assert later.parts == 48211.0
    wrong = decoder.decode(raw(timestamp=written(NOW + timedelta(seconds=2)), parts=-1), NOW)
    assert isinstance(wrong, Decoded)
    (unknown,) = wrong.messages
    assert isinstance(unknown, Reading)
    assert (unknown.parts, wrong.problems[0].field) == (None, "parts")


def test_the_time_that_a_value_holds_is_a_setting() -> None:
    decoder = ReadingDecoder(hold=timedelta(seconds=2))
    decoded(raw(), decoder)
    assert decoded(part(2.0, pressure=5.4), decoder)[0].temperature == 61.5
    assert decoded(part(2.5, pressure=5.4), decoder)[0].temperature is None


def test_null_is_lost_at_once() -> None:
    """And stays lost until a message has it again."""
    decoder = ReadingDecoder()
    decoded(raw(), decoder)
    assert decoded(part(1.0, temperature=None), decoder)[0].temperature is None
    assert decoded(part(2.0, pressure=5.4), decoder)[0].temperature is None
    assert decoded(part(3.0, temperature=60.0), decoder)[0].temperature == 60.0


def test_what_is_optional_holds_as_well() -> None:
    """State, register and further signals come in messages of their own, or not with each."""
    decoder = ReadingDecoder()
    decoded(raw(signals={"vibration": 2.5, "flow": 1.0}), decoder)
    bare = part(1.0, temperature=60.0, pressure=5.3, current=12.0, signals={"flow": 1.1})
    reading, _ = decoded(bare, decoder)
    assert (reading.state, reading.energy_kwh) == ("running", 48211.337)
    assert reading.signals == {"flow": 1.1, "vibration": 2.5}
    for second in range(2, 90, 10):
        reading, _ = decoded(part(second, temperature=60.0, pressure=5.3, current=12.0), decoder)
    assert (reading.state, reading.energy_kwh, reading.signals) == (None, None, {})


def test_parts_of_one_second_are_distinguished() -> None:
    """A gateway that stamps whole seconds; what comes twice is the same reading."""
    decoder = ReadingDecoder()
    sent = [part(temperature=60.0, pressure=5.3), part(current=12.0), part(energy_kwh=7.0)]
    once, again = ([decoded(each, decoder)[0].timestamp for each in sent] for _ in range(2))
    assert once == [NOW + timedelta(milliseconds=i) for i in range(3)]
    assert again == once


def test_an_older_part_takes_nothing_from_newer_ones() -> None:
    decoder = ReadingDecoder()
    decoded(part(5.0, temperature=60.0), decoder)
    reading, _ = decoded(part(1.0, pressure=5.3), decoder)
    assert (reading.temperature, reading.pressure) == (None, 5.3)
    assert decoded(part(6.0, current=12.0), decoder)[0].temperature == 60.0
