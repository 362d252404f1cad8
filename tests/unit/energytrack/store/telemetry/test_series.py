"""How a time series is read piece by piece."""

from datetime import timedelta

from energytrack.store.telemetry.series import CHUNK, PAGE, chunks, each_once, next_look
from testkit.builders.messages import NOW


def test_pieces_cover_a_stretch_without_gap_or_overlap() -> None:
    cut = list(chunks(NOW, NOW + 2.5 * CHUNK))
    assert cut == [(NOW, NOW + CHUNK), (NOW + CHUNK, NOW + 2 * CHUNK), (NOW + 2 * CHUNK, NOW + 2.5 * CHUNK)]
    assert list(chunks(NOW, NOW)) == []


def test_a_timestamp_that_repeats_comes_once() -> None:
    times = [NOW, NOW, NOW + timedelta(seconds=1), NOW + timedelta(seconds=1)]
    assert [document["timestamp"] for document in each_once({"timestamp": time} for time in times)] == times[::2]


def test_looks_grow_where_there_is_little_and_shrink_where_there_is_much() -> None:
    hour = timedelta(hours=1)
    assert next_look(hour, 0) == 2 * hour
    assert next_look(CHUNK, 10) == CHUNK
    assert next_look(hour, PAGE // 2) == hour
    assert next_look(hour, PAGE) == hour / 2
