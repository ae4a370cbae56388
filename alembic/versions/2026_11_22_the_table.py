"""The table."""

import sqlalchemy as sa

from alembic import op
from board.core.tables import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_tally",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "country"),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("query", sa.String(1_000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "name"),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_view_shared"), ["shared"], unique=False)

    with op.batch_alter_table("town", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_town_owner_id"), ["owner_id"], unique=False)
        batch_op.create_foreign_key("town_owner", "person", ["owner_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("town", schema=None) as batch_op:
        batch_op.drop_constraint("town_owner", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_town_owner_id"))
        batch_op.drop_column("owner_id")

    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_view_shared"))

    op.drop_table("saved_view")
    op.drop_table("day_tally")
