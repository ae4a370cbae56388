"""Taking part."""

import sqlalchemy as sa

from alembic import op
from board.core.tables import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "subject_id"),
    )
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_done_at"), ["done_at"], unique=False)

    op.create_table(
        "network_salt",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "quota",
        sa.Column("bucket", sa.LargeBinary(), nullable=False),
        sa.Column("window_at", UtcDateTime(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "window_at"),
    )
    op.create_table(
        "stopped_stream",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("stream", sa.String(12), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", "stream"),
    )
    op.create_table(
        "story_upload",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    with op.batch_alter_table("story_upload", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_story_upload_expires_at"), ["expires_at"], unique=False
        )

    op.create_table(
        "code_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("code_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_code_batch_town_id"), ["town_id"], unique=False)

    op.create_table(
        "contact_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("contact_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_use_person_id"), ["person_id"], unique=False)

    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(8), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("flagger", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject", "subject_id", "flagger"),
    )
    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flag_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_flag_settled_at"), ["settled_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_flag_town_id"), ["town_id"], unique=False)

    op.create_table(
        "follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("about", sa.String(40), nullable=False),
        sa.Column("pace", sa.String(8), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("geonames_id", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lng", sa.Float(), nullable=True),
        sa.Column("km", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "about"),
    )
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_town_id"), ["town_id"], unique=False)

    op.create_table(
        "launch_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(20), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("town_id", "person_id"),
    )
    with op.batch_alter_table("launch_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_launch_answer_person_id"), ["person_id"], unique=False)

    op.create_table(
        "talk_lock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("locked_at", UtcDateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("town_id"),
    )
    op.create_table(
        "desk_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["code_batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    with op.batch_alter_table("desk_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_code_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_desk_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "story_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"],
            ["story.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("story_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "story_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("own", sa.String(), nullable=False),
        sa.Column("alt", sa.String(300), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["story_id"],
            ["story.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("story_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_story_revision_story_id"), ["story_id"], unique=False)

    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("answers_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("edited_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("kept_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("hidden_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("held_for", sa.String(12), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("signals", sa.String(120), nullable=False, server_default=""))
        batch_op.alter_column("town_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index("comment_by_newest", ["visibility", "created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_parent_id"), ["parent_id"], unique=False)
        batch_op.create_foreign_key("comment_parent", "comment", ["parent_id"], ["id"])
        batch_op.create_foreign_key("comment_answers", "comment", ["answers_id"], ["id"])

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_at", UtcDateTime(), nullable=True))

    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stream", sa.String(12), nullable=False, server_default=""))

    with op.batch_alter_table("story", schema=None) as batch_op:
        batch_op.add_column(sa.Column("edited_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("kept_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("hidden_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("held_for", sa.String(12), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("signals", sa.String(120), nullable=False, server_default=""))

    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason", sa.String(40), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("voided_from", sa.String(10), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("batch_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("network", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("signals", sa.String(120), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_vote_batch_id"), ["batch_id"], unique=False)
        batch_op.create_foreign_key("vote_batch", "code_batch", ["batch_id"], ["id"])

    # Copied on SQLite, so that no number of a form is ever given twice (people.models.Waiting).
    with op.batch_alter_table(
        "waiting",
        schema=None,
        recreate="always" if op.get_bind().dialect.name == "sqlite" else "never",
        table_kwargs={"sqlite_autoincrement": True},
    ) as batch_op:
        batch_op.add_column(sa.Column("network", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("body", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("signals", sa.String(120), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.create_index(batch_op.f("ix_waiting_body"), ["body"], unique=False)
        batch_op.create_index(batch_op.f("ix_waiting_network"), ["network"], unique=False)

    op.create_table(
        "vote_slot",
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(14), nullable=False),
        sa.ForeignKeyConstraint(
            ["vote_id"],
            ["vote.id"],
        ),
        sa.PrimaryKeyConstraint("vote_id", "slot"),
    )
    op.create_table(
        "vote_topic",
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(60), nullable=False),
        sa.Column("word", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(
            ["vote_id"],
            ["vote.id"],
        ),
        sa.PrimaryKeyConstraint("vote_id", "folded"),
    )

    # Circles that are here already are no news to anybody.
    op.execute(
        "INSERT INTO announcement (kind, subject_id, created_at, done_at) "
        "SELECT 'circle', id, '2000-01-01 00:00:00', '2000-01-01 00:00:00' FROM circle"
    )


def downgrade() -> None:
    op.drop_table("vote_topic")
    op.drop_table("vote_slot")
    with op.batch_alter_table("waiting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waiting_network"))
        batch_op.drop_index(batch_op.f("ix_waiting_body"))
        batch_op.drop_column("held")
        batch_op.drop_column("signals")
        batch_op.drop_column("body")
        batch_op.drop_column("network")

    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.drop_constraint("vote_batch", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_vote_batch_id"))
        batch_op.drop_column("signals")
        batch_op.drop_column("network")
        batch_op.drop_column("batch_id")
        batch_op.drop_column("voided_from")
        batch_op.drop_column("reason")

    with op.batch_alter_table("story", schema=None) as batch_op:
        batch_op.drop_column("signals")
        batch_op.drop_column("held_for")
        batch_op.drop_column("hidden_at")
        batch_op.drop_column("kept_at")
        batch_op.drop_column("edited_at")

    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.drop_column("stream")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("asked_at")

    # The older schema knows no talk without a town.
    op.execute("DELETE FROM comment WHERE town_id IS NULL")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_constraint("comment_answers", type_="foreignkey")
        batch_op.drop_constraint("comment_parent", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_comment_parent_id"))
        batch_op.drop_index("comment_by_newest")
        batch_op.alter_column("town_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("signals")
        batch_op.drop_column("held_for")
        batch_op.drop_column("hidden_at")
        batch_op.drop_column("kept_at")
        batch_op.drop_column("edited_at")
        batch_op.drop_column("answers_id")
        batch_op.drop_column("parent_id")

    with op.batch_alter_table("story_revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_story_revision_story_id"))

    op.drop_table("story_revision")
    op.drop_table("story_photo")
    with op.batch_alter_table("desk_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_desk_code_person_id"))
        batch_op.drop_index(batch_op.f("ix_desk_code_batch_id"))

    op.drop_table("desk_code")
    op.drop_table("talk_lock")
    with op.batch_alter_table("launch_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_launch_answer_person_id"))

    op.drop_table("launch_answer")
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_town_id"))

    op.drop_table("follow")
    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flag_town_id"))
        batch_op.drop_index(batch_op.f("ix_flag_settled_at"))
        batch_op.drop_index(batch_op.f("ix_flag_person_id"))

    op.drop_table("flag")
    with op.batch_alter_table("contact_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_use_person_id"))

    op.drop_table("contact_use")
    with op.batch_alter_table("code_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_code_batch_town_id"))

    op.drop_table("code_batch")
    with op.batch_alter_table("story_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_story_upload_expires_at"))

    op.drop_table("story_upload")
    op.drop_table("stopped_stream")
    op.drop_table("quota")
    op.drop_table("network_salt")
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_done_at"))

    op.drop_table("announcement")
