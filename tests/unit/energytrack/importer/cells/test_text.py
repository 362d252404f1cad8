"""Bytes as text."""

import pytest

from energytrack.importer.cells.text import text_of
from energytrack.importer.choices import Choices, UnreadableFile


@pytest.mark.parametrize("raw", [b"a\rb\rc\r", b"a\r\nb\rc\n", b"a\nb\rc\r\n"])
def test_lines_of_all_ends_are_lines(raw: bytes) -> None:
    assert text_of(raw, Choices(), "a.csv").text == "a\nb\nc\n"


def test_lines_that_end_alike_stay_as_they_are() -> None:
    assert text_of(b"a\r\nb\r\n", Choices(), "a.csv").text == "a\r\nb\r\n"


def test_zero_bytes_are_left_out_and_named() -> None:
    decoded = text_of(b"time;kWh\n" + bytes(4096), Choices(), "a.csv")
    assert decoded.text == "time;kWh\n"
    assert "4,096 zero bytes are left out" in decoded.finding.why
    with pytest.raises(UnreadableFile, match="contains only zero bytes"):
        text_of(bytes(500), Choices(), "a.csv")


@pytest.mark.parametrize("raw", [bytes(range(256)) * 8, b"\x7fELF\x02\x01\x01" + bytes(range(1, 40)) * 9])
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableFile, match="it is neither text nor another format that is read"):
        text_of(raw, Choices(), "a.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_text_of_each_encoding_is_text(encoding: str) -> None:
    raw = ("Zeit;Wärme\r\n" * 20).encode(encoding)
    assert "Wärme" in text_of(raw, Choices(), "a.csv").text


@pytest.mark.parametrize("mark", [b"\xff\xfe", b""])
@pytest.mark.parametrize("encoding", [None, "utf-16-le"])
def test_sixteen_bit_letters_are_text_whose_bytes_look_like_control_characters(
    mark: bytes, encoding: str | None
) -> None:
    """Every other byte of Cyrillic is 4."""
    text = "Станок;кВт\n" + "Пресс;1,25000000000000000000\n" * 50
    raw = mark + text.encode("utf-16-le")
    assert text_of(raw, Choices(encoding=encoding), "a.csv").text.removeprefix("\ufeff") == text
