"""What a request is, as far as its first bytes tell: which threads it is for, and when it is there as a whole. Pure."""

import re
from typing import Final, Literal
from urllib.parse import unquote_to_bytes

from msgspec import Struct

Pool = Literal["work", "live", "pages", "health"]
POOLS: Final[tuple[Pool, ...]] = ("work", "live", "pages", "health")
"""Threads of their own: for orders and all that is like them, for live connections, which stay, for what anybody may
read without saying who they are, and for whoever asks whether the service is well."""

MAX_HEAD_BYTES: Final = 32_768
"""Request line and headers; a cookie or two and a token fit many times."""
MAX_WAITED_FOR_BYTES: Final = 65_536
"""A body up to this size is waited for before a thread is spent on the request. Larger ones (many alerts in one
notification) are read by their thread, once it is known who sends them."""

_END: Final = re.compile(rb"\r?\n\r?\n")
_LINE: Final = re.compile(rb"\r?\n")


class Arrival(Struct, frozen=True):
    """A request whose head is there."""

    pool: Pool
    whole: int
    """How many bytes must be there before it is served."""
    body_follows: bool = False
    """Its body is too large to be waited for, and is read while it is served."""
    refusal: int | None = None
    """The status that it is refused with at once."""


def arrival(received: bytes | bytearray) -> Arrival | None:
    """What has arrived; None while the head is incomplete."""
    end = _END.search(received, 0, MAX_HEAD_BYTES)
    if end is None:
        return Arrival("work", 0, refusal=431) if len(received) >= MAX_HEAD_BYTES else None
    request_line, *lines = _LINE.split(bytes(received[: end.start()]))
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    pool = _pool(request_line, headers)
    if b"transfer-encoding" in headers:
        return Arrival(pool, end.end(), refusal=411)  # nobody can tell how long to wait for it
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > MAX_WAITED_FOR_BYTES:
        return Arrival(pool, end.end(), body_follows=True)
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
    if path.startswith((b"/static/", b"/docs", b"/runbook", b"/openapi.json")):
        return "pages"
    return "work"
