"""Where the importer may go: the list of hosts is short and named, and their addresses are public.

Only https hosts of the settings; in development the own machine too. Nothing that P2PU's answers
say (a redirect) can widen this.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from board.circles.answers import FeedError
from board.core.language import gettext as _

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 20.0
ANSWER_SECONDS: Final = 60.0
WHOLE_SECONDS: Final = 1800.0


@dataclass(frozen=True)
class Reach:
    """Where the importer may go, and how long it waits: for a connection, for something to come,
    for one answer, and for all of a list.

    `hosts` are names, with a port only if it isn't 443 ("example.org", "example.org:8443").
    `own_machine` allows plain http to this computer, for development.
    """

    hosts: Sequence[str]
    own_machine: bool = False
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    answer_seconds: float = ANSWER_SECONDS
    whole_seconds: float = WHOLE_SECONDS


def port_of(parts: SplitResult) -> int:
    """The port an address means; raises ValueError when it writes none that exists."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def checked(url: str, reach: Reach, first: SplitResult | None) -> SplitResult:
    """The parts of an address that may be asked; raises FeedError. `first` sent us here."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", port_of(parts)
    except ValueError:
        raise FeedError(_("This is no web address.")) from None
    if "@" in parts.netloc:
        raise FeedError(_("A web address with a name or password in it is not asked."))
    if parts.scheme == "http" and reach.own_machine and is_own_machine(host):
        if first is None or (first.scheme, first.netloc) == (parts.scheme, parts.netloc):
            return parts
        raise FeedError(_("The other side sends us to a private address."))
    if parts.scheme != "https":
        raise FeedError(_("Only https addresses are asked."))
    if (host if port == 443 else f"{host}:{port}") not in reach.hosts:
        words = _("%(host)s is not among the hosts that may be asked (BOARD_CIRCLES_HOSTS).")
        raise FeedError(words % {"host": parts.netloc[:100] or "?"})
    return parts


def is_own_machine(host: str) -> bool:
    """Whether a host, as it is written, is this computer itself."""
    return host in ("localhost", "127.0.0.1", "::1")


async def addresses_of(host: str, port: int, *, public: bool) -> list[IPv4Address | IPv6Address]:
    """Where a host lives; raises FeedError for a private address where only public ones will do."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FeedError(_("There is no host %(host)s.") % {"host": host[:100]}) from None
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if public and not all(is_public(address) for address in addresses):
        raise FeedError(_("%(host)s lies at a private address.") % {"host": host[:100]})
    return addresses


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the open network, also when IPv6 wraps an IPv4 one."""
    inside = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return is_public(inside) if inside else address.is_global and not address.is_multicast
