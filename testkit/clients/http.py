"""Frequent requests of tests to servers.

httpx's own functions read the certificates of all authorities at every call: 20 ms of processor time. Each request has
its own connection, because servers come and go.
"""

from typing import Final

import httpx

HTTP: Final = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0))
