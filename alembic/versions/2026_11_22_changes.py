"""What changed, written down by the database itself, so that no page is kept too long.

The triggers that write it are made by `board.core.watching` after every migration (alembic/env.py):
SQLite drops those of a table that a migration copies, and an older one must not outlive its
columns.
"""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    # SQLite has no numbers of transactions: there, nothing ever enters this index.
    op.create_index(
        "change_by_xid", "change", ["xid", "seq"], sqlite_where=sa.text("xid IS NOT NULL")
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE change ALTER xid"
            " SET DEFAULT CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
        )


def downgrade() -> None:
    op.drop_table("change")
