"""Asking an address whether somebody is there."""

import httpx2

# One for all: making a client costs more than what it asks.
CLIENT = httpx2.Client(timeout=30)


def answers(address: str, *, well: bool = False) -> bool:
    """Whether anything answers at all; `well`: with 200."""
    try:
        status = CLIENT.get(address, timeout=3).status_code
    except httpx2.TransportError:
        return False
    return status == 200 or not well
