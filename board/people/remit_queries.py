"""What somebody at the desk looks after: an organiser own towns; and what they read first.

Guards say who may use an address; this says which things behind it are theirs.
"""

from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from board.core.errors import Refused
from board.core.language import gettext as _
from board.people.models import desk_languages, organiser_towns


class Remit(NamedTuple):
    """The towns that somebody looks after; None stands for all of them."""

    towns: frozenset[int] | None = None

    def holds(self, town_id: int | None) -> bool:
        """Whether a thing of this town is theirs to look after."""
        return self.towns is None or town_id in self.towns


EVERYTHING: Final = Remit()


def remit_of(conn: Connection, person_id: int, role: str) -> Remit:
    """What somebody looks after; an organiser without towns nothing."""
    if role == "organiser":
        return Remit(towns=towns_of_organiser(conn, person_id))
    return EVERYTHING


def towns_of_organiser(conn: Connection, person_id: int) -> frozenset[int]:
    """The towns that an organiser looks after."""
    o = organiser_towns.c
    return frozenset(conn.execute(select(o.town_id).where(o.person_id == person_id)).scalars())


def languages_of(conn: Connection, person_id: int) -> frozenset[str]:
    """The languages that somebody at the desk reads first; none means all."""
    d = desk_languages.c
    return frozenset(conn.execute(select(d.language).where(d.person_id == person_id)).scalars())


def check_town(conn: Connection, person_id: int, role: str, town_id: int | None) -> None:
    """Make sure that a town is theirs to look after; raises Refused."""
    if not remit_of(conn, person_id, role).holds(town_id):
        raise Refused(_("This town is looked after by somebody else."))
