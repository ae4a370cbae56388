"""Search over the names of towns and the words of stories, and the list's indexes.

Words are our own tokens (core.text.words_of), so that both databases give the same answers. What
keeps them in step are triggers; env.py sets them when the schema is there, and fills what is empty.
"""

import sqlalchemy as sa

from alembic import op
from board.core.text import words_of

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "town_spelling",
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"]),
        sa.PrimaryKeyConstraint("town_id"),
    )
    word = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
    op.create_table(
        "town_word",
        sa.Column("word", word, nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", "town_id", "story_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("place_name_of_place", "place_name", ["geonames_id"], unique=False)
    op.create_index(
        "town_by_status_votes", "town", ["standing", "status", "vote_count", "id"], unique=False
    )
    op.create_index("town_by_region", "town", ["country", "region_code"], unique=False)
    op.create_index(
        "town_language_by_language", "town_language", ["language", "town_id"], unique=False
    )
    conn = op.get_bind()
    spell_towns(conn)
    take_stories_apart(conn)


def downgrade() -> None:
    op.drop_index("town_language_by_language", "town_language")
    op.drop_index("town_by_region", "town")
    op.drop_index("town_by_status_votes", "town")
    op.drop_index("place_name_of_place", "place_name")
    op.drop_table("town_word")
    op.drop_table("town_spelling")


def spell_towns(conn: sa.Connection) -> None:
    """Every town under all names that the gazetteer knows of it."""
    rows = conn.execute(
        sa.text(
            "SELECT town.id, town.name, place_name.norm FROM town"
            " LEFT JOIN place_name ON place_name.geonames_id = town.geonames_id"
        )
    ).all()
    names: dict[int, list[str]] = {}
    for town_id, name, norm in rows:
        names.setdefault(town_id, [name]).append(norm or "")
    if names:
        conn.execute(
            sa.text("INSERT INTO town_spelling (town_id, words) VALUES (:town, :words)"),
            [
                {"town": town_id, "words": " ".join(words_of(" ".join(own)))}
                for town_id, own in names.items()
            ],
        )


def take_stories_apart(conn: sa.Connection) -> None:
    """Stories keep the words they are found under, each once."""
    rows = conn.execute(
        sa.text("SELECT id, title, why, how, own, name FROM story WHERE title <> ''")
    ).all()
    if rows:
        conn.execute(
            sa.text("UPDATE story SET folded = :words WHERE id = :story"),
            [{"story": row[0], "words": " ".join(words_of(" ".join(row[1:])))} for row in rows],
        )
