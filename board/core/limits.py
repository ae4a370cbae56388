"""How often one network may send forms. In memory: a burst limit; quotas that matter are in SQL."""

from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from board.core.errors import TooMuch
from board.core.language import gettext as _


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
    """Counts forms per network over the last minute; a library's evening fits well inside."""

    def __init__(self, per_minute: int) -> None:
        self._most = RateLimitItemPerMinute(per_minute)
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def count(self, peer: str) -> None:
        """Count one form from this peer; raises TooMuch above the limit."""
        if not self._windows.hit(self._most, network_of(peer)):
            sentence = _("Many forms came from your network just now. Try again in a minute.")
            raise TooMuch(sentence, retry_after=60)
