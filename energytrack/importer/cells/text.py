"""Bytes as text: the encoding of a file, and its evidence."""

import re
from typing import Final, NamedTuple

from charset_normalizer import from_bytes

from energytrack.importer.choices import Choices, FileFinding, NotProved, UnreadableFile

_SIGNS: Final = frozenset(
    "äöüÄÖÜßéèêëàâáãåæçîïíìñôóòõøùûúÿœÉÈÀÂÇÎÔÑÅØÆŒ°²³µ€§±«»\u2013\u2014\u2018\u2019“”„…·\u00d7\u00a0"
)
_THOUSANDS: Final = re.compile("(?<=[0-9])[\u2019\u00a0](?=[0-9]{3})")
SAMPLE_BYTES: Final = 200_000
_CONTROL: Final = bytes(set(range(1, 32)) - set(b"\t\n\f\r\x1a")) + b"\x7f"
MOST_CONTROL: Final = 0.04
"""A file with a larger share of bytes that do not occur in text is not text."""
MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
LIKELY: Final = ["cp1252", "cp1250", "cp1251", "iso8859_15", "mac_roman", "cp850", "cp932", "gb18030", "big5", "cp949"]


class DecodedText(NamedTuple):
    """A file's text and how it was read."""

    text: str
    finding: FileFinding


def text_of(raw: bytes, choices: Choices, name: str) -> DecodedText:
    """The text of a file, with line ends made equal; raises NotProved if its encoding cannot be determined.

    Raises UnreadableFile if it is not text at all.
    """
    encoding, why = _encoding(raw, choices, name)
    try:
        text = raw.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise NotProved("encoding", f"the file is not {encoding}: {error}") from error
    if zeros := text.count("\x00"):
        text = text.replace("\x00", "")
        why += f"; {zeros:,} zero bytes are left out, as devices leave them where a power cut stopped them writing"
        if not text.strip():
            raise UnreadableFile(name, "it contains only zero bytes: copy it again from its source")
    if text.count("\r") != text.count("\r\n"):  # line ends of old Macs and some controllers, also mixed with others
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return DecodedText(text, FileFinding("encoding", encoding.removesuffix("-sig"), why))


def _check_is_text(raw: bytes, name: str) -> None:
    """Raises UnreadableFile for bytes that do not occur in text. Not for UTF-16, where half of the bytes are such."""
    sample = raw[:SAMPLE_BYTES]
    odd = len(sample) - len(sample.translate(None, _CONTROL))
    if odd > MOST_CONTROL * len(sample):
        start = sample[:8].hex(" ")
        raise UnreadableFile(
            name,
            f"it is neither text nor another format that is read (it begins with {start}): export it as CSV or XLSX",
        )


def _encoding(raw: bytes, choices: Choices, name: str) -> tuple[str, str]:
    for mark, marked in MARKS:
        if raw.startswith(mark):
            return marked, "the file begins with a byte order mark"
    if choices.encoding is not None:
        if not choices.encoding.lower().startswith(("utf-16", "utf16", "utf_16")):
            _check_is_text(raw, name)
        return choices.encoding, "as given"
    sample = raw[:2000].rstrip(b"\x00")
    even, odd = (sample[first::2].count(b"\x00") for first in (0, 1))
    if even + odd > len(sample) // 4 and max(even, odd) > 4 * min(even, odd):
        return "utf-16-be" if even > odd else "utf-16-le", "every other byte is zero"
    _check_is_text(raw, name)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8", "only ASCII" if raw.isascii() else "all of it is valid UTF-8"
    western = _western(raw[:SAMPLE_BYTES])
    if western is not None:
        return "cp1252", western
    best = from_bytes(raw[:SAMPLE_BYTES], cp_isolation=LIKELY).best()
    if best is None:
        raise NotProved("encoding", "the file is not UTF-8, and its other characters fit no language")
    return best.encoding, f"not UTF-8; its characters form {best.language} words in {best.encoding}"


def _western(sample: bytes) -> str | None:
    """The evidence that a text is Windows' Western European; None if it is not.

    Its bytes above 127 are then letters with accents or signs of measurement, and occur singly among other letters.
    """
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return None
    odd = [letter for letter in _THOUSANDS.sub("", text) if ord(letter) >= 128]
    letters = sum(letter.isalpha() for letter in text)
    if all(letter in _SIGNS for letter in odd) and len(odd) < 0.25 * max(letters, 1):
        return f"not UTF-8; as cp1252 its other letters are {''.join(dict.fromkeys(odd))[:12]}"
    return None
