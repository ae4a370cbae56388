"""Forgetting who answered how it went after a launch; the answer stays as a number."""

from sqlalchemy import Connection, update

from board.digests.models import launch_answers


def forget_answerer(conn: Connection, person_id: int) -> None:
    """Take a person from their answers."""
    conn.execute(
        update(launch_answers).where(launch_answers.c.person_id == person_id).values(person_id=None)
    )
