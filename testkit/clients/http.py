"""Questions to servers that tests ask often.

httpx's own functions read the certificates of all authorities at every call: 20 ms of a processor. Each question has a
connection of its own, because servers come and go.
"""

from typing import Final

import httpx

HTTP: Final = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0))
