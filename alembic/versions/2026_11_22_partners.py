"""Libraries of the content files: their calendar, and the day when somebody looked."""

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "library", sa.Column("calendar", sa.String(500), nullable=False, server_default="")
    )
    op.add_column("library", sa.Column("checked_on", sa.Date(), nullable=True))
    # Libraries are listed by country, all of them, too.
    op.drop_index("library_by_name", table_name="library")
    op.drop_index("ix_library_country", table_name="library")


def downgrade() -> None:
    op.create_index("ix_library_country", "library", ["country"])
    here = sa.text("gone_at IS NULL")
    # A schema that knows nothing of the content files would take theirs for P2PU's.
    op.execute("DELETE FROM library WHERE id >= 900000000")
    op.create_index(
        "library_by_name",
        "library",
        ["name", "id"],
        sqlite_where=here,
        postgresql_where=here,
    )
    op.drop_column("library", "checked_on")
    op.drop_column("library", "calendar")
