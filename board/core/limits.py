"""How often one network may send forms. In memory: a burst limit; quotas that matter are in SQL.

A dozen lines of our own: the library that did it started a thread for every few forms, for which
the event loop then waited.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from board.core.errors import TooMuch
from board.core.language import gettext as _

WINDOW_SECONDS: Final = 60.0
# Networks that sent a form of late; the longest silent one is forgotten for another.
MOST_NETWORKS: Final = 50_000


@lru_cache(maxsize=1_000)
def network_of(peer: str) -> str:
    """The network behind a peer's address: itself, or the /64 that one household has of IPv6."""
    try:
        address = ip_address(peer)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)


class PostLimiter:
    """Counts forms per network over the last minute; a library's evening fits well inside.

    Lives on the event loop. `clock` tells seconds that never run backwards.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = per_minute
        self._clock = clock
        self._sent: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, peer: str) -> None:
        """Count one form from this peer; raises TooMuch above the limit."""
        network, now = network_of(peer), self._clock()
        sent = self._sent.setdefault(network, deque())
        self._sent.move_to_end(network)
        while sent and sent[0] <= now - WINDOW_SECONDS:
            sent.popleft()
        if len(sent) >= self._most:
            sentence = _("Many forms came from your network just now. Try again in a minute.")
            raise TooMuch(sentence, retry_after=60)
        sent.append(now)
        if len(self._sent) > MOST_NETWORKS:
            self._sent.popitem(last=False)
