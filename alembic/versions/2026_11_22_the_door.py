"""The door: second factors, towns of organisers, languages of moderators.

Nobody who sits at the desk has a second factor yet: all come in again and set one up.
"""

import sqlalchemy as sa

from alembic import op
from board.core.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.text("DELETE FROM browser_session WHERE desk"))
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("at_door", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("challenge", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("challenge_until", UtcDateTime(), nullable=True))
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("language", sa.String(8), server_default="en", nullable=False)
        )
    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("credential"),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_person_id"), ["person_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "organiser_town",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["town_id"], ["town.id"]),
        sa.PrimaryKeyConstraint("person_id", "town_id"),
    )
    with op.batch_alter_table("organiser_town", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organiser_town_town_id"), ["town_id"], unique=False)

    op.create_table(
        "desk_language",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id", "language"),
    )


def downgrade() -> None:
    op.drop_table("desk_language")
    with op.batch_alter_table("organiser_town", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organiser_town_town_id"))

    op.drop_table("organiser_town")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_person_id"))

    op.drop_table("recovery_code")
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkey_person_id"))

    op.drop_table("passkey")
    op.drop_table("second_factor")
    op.execute(sa.text("DELETE FROM browser_session WHERE at_door"))
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_column("language")

    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.drop_column("challenge_until")
        batch_op.drop_column("challenge")
        batch_op.drop_column("tries")
        batch_op.drop_column("at_door")
