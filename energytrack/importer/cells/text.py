"""Bytes as text: which encoding a file has, and why."""

import re
from typing import Final, NamedTuple

from charset_normalizer import from_bytes

from energytrack.importer.choices import Choices, FileFinding, NotProved

_SIGNS: Final = frozenset(
    "äöüÄÖÜßéèêëàâáãåæçîïíìñôóòõøùûúÿœÉÈÀÂÇÎÔÑÅØÆŒ°²³µ€§±«»\u2013\u2014\u2018\u2019“”„…·\u00d7\u00a0"
)
_THOUSANDS: Final = re.compile("(?<=[0-9])[\u2019\u00a0](?=[0-9]{3})")
SAMPLE_BYTES: Final = 200_000
MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
LIKELY: Final = ["cp1252", "cp1250", "cp1251", "iso8859_15", "mac_roman", "cp850", "cp932", "gb18030", "big5", "cp949"]


class DecodedText(NamedTuple):
    """A file's text and how it was read."""

    text: str
    finding: FileFinding


def text_of(raw: bytes, choices: Choices) -> DecodedText:
    """The text of a file; raises NotProved where its encoding cannot be determined."""
    encoding, why = _encoding(raw, choices)
    try:
        text = raw.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise NotProved("encoding", f"the file is not {encoding}: {error}") from error
    return DecodedText(text.replace("\x00", ""), FileFinding("encoding", encoding.removesuffix("-sig"), why))


def _encoding(raw: bytes, choices: Choices) -> tuple[str, str]:
    for mark, name in MARKS:
        if raw.startswith(mark):
            return name, "the file begins with a byte order mark"
    if choices.encoding is not None:
        return choices.encoding, "as given"
    sample = raw[:2000]
    if sample.count(b"\x00") > len(sample) // 4:
        even = sample[0::2].count(b"\x00") > sample[1::2].count(b"\x00")
        return "utf-16-be" if even else "utf-16-le", "every other byte is zero"
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
        raise NotProved("encoding", "the file is not UTF-8, and its other letters fit no language")
    return best.encoding, f"not UTF-8; its letters make words of {best.language} in {best.encoding}"


def _western(sample: bytes) -> str | None:
    """The evidence that a text is Windows' Western European; None if it is not.

    Its bytes above 127 are then letters with accents or signs of measurement, and stand alone among other letters.
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
