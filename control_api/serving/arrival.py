"""What the first bytes of a request show: which threads it is for, and when it is complete. Pure."""

import re
from typing import Final, Literal
from urllib.parse import unquote_to_bytes

from msgspec import Struct

Pool = Literal["work", "uploads", "exports", "live", "pages", "health"]
POOLS: Final[tuple[Pool, ...]] = ("work", "uploads", "exports", "live", "pages", "health")
"""Separate thread pools: for orders and similar requests, for those whose long body is read while they are served, for
long tables and files, which take as long as the client reads, for live connections (which stay open), for public pages
that need no sign-in, and for health checks.
"""

FILE: Final = re.compile(rb"/api/.*\.(csv|xlsx|pdf|png)")
"""The path of a file to download."""
_TABLE: Final = re.compile(rb"/api/(energy|energy/meters|emissions|readings|report)")

MAX_HEAD_BYTES: Final = 32_768
"""Limit for request line and headers; some cookies and a token fit many times."""
MAX_WAITED_FOR_BYTES: Final = 65_536
"""A body up to this size must have arrived before a thread takes the request. Larger ones (many alerts in one
notification) are read by the thread, after the sender is known.
"""

_END: Final = re.compile(rb"\r?\n\r?\n")
_LINE: Final = re.compile(rb"\r?\n")
_LENGTH: Final = re.compile(rb"\d{1,18}")
"""Longer numbers are no lengths, and Python refuses to convert those of thousands of digits."""


class Arrival(Struct, frozen=True):
    """A request whose head has arrived."""

    pool: Pool
    whole: int
    """How many bytes must arrive before it is served."""
    body_follows: bool = False
    """Its body is too large to wait for, and is read while it is served."""
    refusal: int | None = None
    """The status with which it is refused at once."""


def arrival(received: bytes | bytearray) -> Arrival | None:
    """The request that has arrived; None while its head is incomplete."""
    end = _END.search(received, 0, MAX_HEAD_BYTES)
    if end is None:
        return Arrival("work", 0, refusal=431) if len(received) >= MAX_HEAD_BYTES else None
    request_line, *lines = _LINE.split(bytes(received[: end.start()]))
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    pool = _pool(request_line, headers)
    if b"transfer-encoding" in headers:
        return Arrival(pool, end.end(), refusal=411)  # the length of the body is unknown
    length = headers.get(b"content-length", b"0")
    if not _LENGTH.fullmatch(length) or int(length) > MAX_WAITED_FOR_BYTES:
        return Arrival("uploads", end.end(), body_follows=True)
    return Arrival(pool, end.end() + int(length))


def _pool(request_line: bytes, headers: dict[bytes, bytes]) -> Pool:
    words = request_line.split()
    target = words[1] if len(words) > 1 else b""
    if not target.startswith(b"/"):  # http://host/path
        target = b"/" + target.partition(b"//")[2].partition(b"/")[2]
    path = unquote_to_bytes(target.partition(b"?")[0])
    if b"upgrade" in headers or path.startswith(b"/socket.io"):
        return "live"
    if path in {b"/healthz", b"/livez"}:
        return "health"
    if FILE.fullmatch(path) or _TABLE.fullmatch(path):
        return "exports"
    if path.startswith((b"/static/", b"/docs", b"/runbook", b"/openapi.json", b"/words/")):
        return "pages"
    return "work"
