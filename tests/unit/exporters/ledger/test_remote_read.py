"""Prometheus' remote read, byte by byte: what it sends is read, what we send it reads, and nonsense is refused."""

import struct

import cramjam
import pytest

from energytrack.samples import Series
from exporters.ledger.remote_read import Malformed, Matcher, answer_of, questions_of

ASKED = bytes.fromhex(
    "0a 4d"  # a query of 77 bytes
    "08 e8 07  10 d0 0f"  # from 1000 to 2000 ms
    "1a 10  08 00  12 08 5f5f6e616d655f5f  1a 02 7570"  # __name__="up"
    "1a 10  08 02  12 04 6c696e65  1a 06 707265 73732e"  # line=~"press."
    "1a 0a  08 01  12 03 666f6f  1a 01 78"  # foo!="x"
    "22 13  08 01  12 06 746f74616c73  18 01  20 02  38 80 dd db 01"  # hints: step, function, times, a range of an hour
    "10 01"  # and that chunks may be sent
)


def packed(message: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(message))


def test_a_question_is_read() -> None:
    size = len(ASKED) - 4
    message = bytes((0x0A, size)) + ASKED[2:]
    (question,) = questions_of(packed(message))
    assert (question.start_ms, question.end_ms, question.window_ms) == (1000, 2000, 3_600_000)
    assert question.matchers == (Matcher(0, "__name__", "up"), Matcher(2, "line", "press."), Matcher(1, "foo", "x"))
    assert question.asks_for({"__name__": "up", "line": "press1"})
    assert not question.asks_for({"__name__": "up", "line": "press12"})
    assert not question.asks_for({"__name__": "up", "line": "press1", "foo": "x"})


def test_an_answer_is_what_prometheus_reads() -> None:
    """Labels sorted by name, those that are empty left out; samples as double and milliseconds."""
    answer = answer_of([[Series({"b": "2", "a": "1", "c": ""}, [(1000, 1.5)])]])
    labels = bytes.fromhex("0a06 0a0161 1201310a06 0a0162 120132")
    sample = bytes.fromhex("120c 09") + struct.pack("<d", 1.5) + bytes.fromhex("10 e807")
    series = labels + sample
    result = bytes((0x0A, len(series))) + series
    assert bytes(cramjam.snappy.decompress_raw(answer)) == bytes((0x0A, len(result))) + result


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff" * 20, packed(b"\x0a\x50\x08"), packed(b"\x0a\x02\x0b\x00"), packed(b"\x0a\x03\x08\xff\xff"),
        packed(b"\x0a\x0b\x1a\x09\x08\x02\x12\x01a\x1a\x02[x"), packed(b"\x0a\x04\x1a\x02\x08\x09"),
        packed(b"\x0a\x0d\x08" + b"\xff" * 12), packed(b"\0" * 2_000_000),
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        questions_of(body)
