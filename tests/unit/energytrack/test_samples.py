"""Series as Prometheus reads them, byte by byte: protobuf, packed with snappy."""

import struct

import cramjam
import pytest

from energytrack.samples import Series, message, packed, time_series


def test_a_series_has_its_labels_sorted_without_empty_ones_and_its_samples_in_order() -> None:
    written = time_series([Series({"b": "2", "__name__": "up", "c": ""}, [(1000, 1.5), (2000, -2.0)])])
    name = b"\x0a\x0e\x0a\x08__name__\x12\x02up"
    label = bytes.fromhex("0a06 0a0162 120132")
    first = bytes.fromhex("120c 09") + struct.pack("<d", 1.5) + bytes.fromhex("10 e807")
    second = bytes.fromhex("120c 09") + struct.pack("<d", -2.0) + bytes.fromhex("10 d00f")
    content = name + label + first + second
    assert written == bytes((0x0A, len(content))) + content


def test_several_series_follow_each_other_and_none_is_nothing() -> None:
    one, other = Series({"__name__": "a"}, [(1, 1.0)]), Series({"__name__": "b"}, [])
    assert time_series([one, other]) == time_series([one]) + time_series([other])
    assert time_series([]) == b""


@pytest.mark.parametrize(("at", "varint"), [(0, "00"), (127, "7f"), (128, "8001"), (-1, "ffffffffffffffffff01")])
def test_a_time_is_a_varint_also_before_1970(at: int, varint: str) -> None:
    time = b"\x10" + bytes.fromhex(varint)
    sample = bytes((0x12, 9 + len(time), 0x09)) + struct.pack("<d", 1.0) + time
    assert time_series([Series({}, [(at, 1.0)])]) == bytes((0x0A, len(sample))) + sample


def test_a_label_is_as_long_as_its_bytes_not_its_letters() -> None:
    assert message(1, "Öfen".encode()) == b"\x0a\x05" + "Öfen".encode()
    assert message(1, b"x" * 300)[:3] == b"\x0a\xac\x02"


def test_what_is_packed_is_one_block_of_snappy() -> None:
    content = time_series([Series({"__name__": "up"}, [(at, 1.0) for at in range(1000)])])
    assert bytes(cramjam.snappy.decompress_raw(packed(content))) == content
    assert len(packed(content)) < len(content)
