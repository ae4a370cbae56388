"""Addresses of places inside their country: given once, in the order of population. Pure."""

from collections.abc import Collection

from board.towns.rules import slug_of

LONGEST = 120


def free_slug(name: str, region: str, geonames_id: int, taken: Collection[str]) -> str:
    """The shortest address that is still free: the name, with its region, with its GeoNames id.

    A name without a latin letter goes by its id alone.
    """
    own = slug_of(name)
    if not own:
        return str(geonames_id)
    if own not in taken:
        return own
    with_region = f"{own}-{slug_of(region)}".rstrip("-")[:LONGEST]
    if with_region not in taken:
        return with_region
    return f"{own}-{geonames_id}"
