"""Merging one town into another, and back."""

import sqlalchemy as sa

from alembic import op
from board.core.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "town_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("standing", sa.String(8), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("already", sa.Integer(), nullable=False),
        sa.Column("merged_at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["town.id"]),
        sa.ForeignKeyConstraint(["target_id"], ["town.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("town_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_town_merge_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_town_merge_target_id"), ["target_id"], unique=False)
    op.create_table(
        "town_merge_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["town_merge.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("town_merge_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_town_merge_item_merge_id"), ["merge_id"], unique=False)
    with op.batch_alter_table("town", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("town_merged_into", "town", ["merged_into_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("town", schema=None) as batch_op:
        batch_op.drop_constraint("town_merged_into", type_="foreignkey")
        batch_op.drop_column("merged_into_id")
    op.drop_table("town_merge_item")
    op.drop_table("town_merge")
