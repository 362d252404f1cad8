"""What a request is, as far as its first bytes tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_api.serving.arrival import MAX_HEAD_BYTES, MAX_WAITED_FOR_BYTES, Arrival, Pool, arrival

ORDER = b"POST /api/shutdown HTTP/1.1\r\nHost: plant\r\nContent-Length: 5\r\n\r\n"


def head(line: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((line, *headers, b"", b""))


@given(cut=st.integers(0, len(ORDER) - 1))
def test_a_head_that_is_not_there_as_a_whole_is_waited_for(cut: int) -> None:
    """Wherever the network cut it."""
    assert arrival(ORDER[:cut]) is None


@pytest.mark.parametrize("body", [b"", b"{", b"{}\r\n\r", b"{}   and the next request"])
def test_the_body_is_waited_for_whatever_of_it_is_there(body: bytes) -> None:
    assert arrival(ORDER + body) == Arrival("work", len(ORDER) + 5)


def test_without_a_body_the_head_is_all() -> None:
    get = head(b"GET /api/devices HTTP/1.1", b"Host: plant")
    assert arrival(get) == Arrival("work", len(get))


def test_bare_line_feeds_end_lines_too() -> None:
    """As gunicorn reads them."""
    raw = b"GET /healthz HTTP/1.0\nContent-Length: 3\n\n"
    assert arrival(raw) == Arrival("health", len(raw) + 3)


@pytest.mark.parametrize(
    ("target", "pool"),
    [
        (b"/api/shutdown", "work"),
        (b"/", "work"),
        (b"/healthz", "health"),
        (b"/healthz?verbose=1", "health"),
        (b"/livez", "health"),
        (b"/healthz/", "work"),
        (b"/api/energy.csv?resolution=minute", "exports"),
        (b"/api/readings", "exports"),
        (b"/api/report.pdf", "exports"),
        (b"/api/energy/suspects", "work"),
        (b"/static/page.css", "pages"),
        (b"/docs", "pages"),
        (b"/runbook", "pages"),
        (b"/openapi.json", "pages"),
        (b"/control/words/de", "work"),
        (b"/words/de?v=1", "pages"),
        (b"/socket.io/?EIO=4&transport=polling", "live"),
        (b"http://plant.example/healthz", "health"),
        (b"http://plant.example", "work"),
    ],
)
def test_each_kind_of_request_has_threads_of_its_own(target: bytes, pool: Pool) -> None:
    """A flood of one kind leaves the others alone."""
    found = arrival(head(b"GET " + target + b" HTTP/1.1", b"Host: plant"))
    assert found is not None
    assert found.pool == pool


@pytest.mark.parametrize("target", [b"/%73ocket.io/", b"/socket%2Eio/", b"/%2573ocket.io/"])
def test_a_path_that_is_written_otherwise_is_the_same_path(target: bytes) -> None:
    """Or live connections would sit on the threads of orders. Nothing is decoded twice: the application does not."""
    found = arrival(head(b"GET " + target + b" HTTP/1.1"))
    assert found is not None
    assert found.pool == ("work" if b"25" in target else "live")


@pytest.mark.parametrize("name", [b"Upgrade", b"upgrade", b"UPGRADE", b" Upgrade "])
def test_whoever_wants_an_upgrade_is_live(name: bytes) -> None:
    found = arrival(head(b"GET /api/devices HTTP/1.1", name + b": websocket"))
    assert found is not None
    assert found.pool == "live"


@pytest.mark.parametrize("extra", [0, 1, 1000])
def test_a_head_without_end_is_refused(extra: int) -> None:
    """Request Header Fields Too Large."""
    endless = b"GET / HTTP/1.1\r\nX: ".ljust(MAX_HEAD_BYTES + extra, b"x")
    assert arrival(endless) == Arrival("work", 0, refusal=431)
    assert arrival(endless[: MAX_HEAD_BYTES - 1]) is None


def test_a_head_that_ends_too_late_is_refused_too() -> None:
    late = head(b"GET / HTTP/1.1", b"X: ".ljust(MAX_HEAD_BYTES, b"x"))
    assert arrival(late) == Arrival("work", 0, refusal=431)


@pytest.mark.parametrize("coding", [b"chunked", b"gzip, chunked", b"identity"])
def test_a_body_of_unknown_length_is_refused(coding: bytes) -> None:
    """Nobody can tell how long to wait for it. Length Required, also where a length is given beside it."""
    raw = head(b"POST /api/shutdown HTTP/1.1", b"Transfer-Encoding: " + coding, b"Content-Length: 3")
    found = arrival(raw)
    assert found is not None
    assert found.refusal == 411


@pytest.mark.parametrize(
    "length", [b"%d" % (MAX_WAITED_FOR_BYTES + 1), b"-1", b"+5", b"five", b"", b"1" * 30, b"1" * 5000]
)
def test_a_body_that_is_large_or_of_no_length_is_not_waited_for(length: bytes) -> None:
    """It is read, or refused, by the thread that serves the request: one that no order waits for."""
    raw = head(b"POST /api/alerts HTTP/1.1", b"Content-Length: " + length)
    assert arrival(raw) == Arrival("uploads", len(raw), body_follows=True)


def test_a_large_body_is_an_upload_whatever_else_the_request_wants() -> None:
    """Or it would occupy the threads of live connections."""
    raw = head(b"POST /sign-in HTTP/1.1", b"Upgrade: websocket", b"Content-Length: 100000")
    assert arrival(raw) == Arrival("uploads", len(raw), body_follows=True)


def test_a_body_of_the_greatest_size_is_waited_for() -> None:
    raw = head(b"POST /api/alerts HTTP/1.1", b"Content-Length: %d" % MAX_WAITED_FOR_BYTES)
    assert arrival(raw) == Arrival("work", len(raw) + MAX_WAITED_FOR_BYTES)


@given(st.binary(max_size=300))
def test_whatever_comes_is_judged(received: bytes) -> None:
    """Bytes that are no request at all are handed on, waited for or refused, but stop nothing."""
    found = arrival(received)
    assert found is None or found.whole >= 0
    assert arrival(bytearray(received)) == found
