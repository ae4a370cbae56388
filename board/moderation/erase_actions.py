"""Forgetting who flagged something, and their words; that it was flagged stays."""

import secrets

from sqlalchemy import Connection, select, update

from board.moderation.models import flags


def forget_flagger(conn: Connection, person_id: int) -> None:
    """Take a person from the flags they set: each keeps its reason, under a key nobody has."""
    f = flags.c
    for flag_id in conn.execute(select(f.id).where(f.person_id == person_id)).scalars().all():
        conn.execute(
            update(flags)
            .where(f.id == flag_id)
            .values(person_id=None, flagger=secrets.token_bytes(32), note="")
        )
