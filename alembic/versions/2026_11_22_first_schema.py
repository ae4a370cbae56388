"""First schema."""

import sqlalchemy as sa

from alembic import op
from board.core.tables import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "circle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("course", sa.String(300), nullable=False),
        sa.Column("city", sa.String(200), nullable=False),
        sa.Column("region", sa.String(200), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("geonames_id", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lng", sa.Float(), nullable=True),
        sa.Column("mx", sa.Integer(), nullable=True),
        sa.Column("my", sa.Integer(), nullable=True),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("over_at", UtcDateTime(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.String(5), nullable=False),
        sa.Column("ends_at", sa.String(5), nullable=False),
        sa.Column("utc_offset", sa.Integer(), nullable=False),
        sa.Column("meetings", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("signup_open", sa.Boolean(), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("circle", schema=None) as batch_op:
        batch_op.create_index(
            "circle_by_country", ["country", "gone_at", "begins_at", "id"], unique=False
        )
        batch_op.create_index("circle_by_dates", ["gone_at", "over_at", "begins_at"], unique=False)
        batch_op.create_index("circle_by_place", ["mx", "my"], unique=False)
        batch_op.create_index("circle_by_start", ["gone_at", "begins_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_circle_geonames_id"), ["geonames_id"], unique=False)

    op.create_table(
        "circle_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("error", sa.String(300), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("circle_import", schema=None) as batch_op:
        batch_op.create_index("circle_import_latest", ["kind", "outcome", "id"], unique=False)

    op.create_table(
        "fact",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    op.create_table(
        "library",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("location", sa.String(200), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("geonames_id", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lng", sa.Float(), nullable=True),
        sa.Column("website", sa.String(500), nullable=False),
        sa.Column("circle_count", sa.Integer(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("library", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_library_country"), ["country"], unique=False)

    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("recipient_key", sa.LargeBinary(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.String(300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event", "recipient_key"),
    )
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outgoing_mail_due_at"), ["due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_outgoing_mail_recipient_key"), ["recipient_key"], unique=False
        )

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("blocked_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "place",
        sa.Column("geonames_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region_code", sa.String(20), nullable=False),
        sa.Column("region", sa.String(120), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lng", sa.Float(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("geonames_id"),
        sa.UniqueConstraint("country", "slug"),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_rank"), ["rank"], unique=False)
        batch_op.create_index("place_country_rank", ["country", "rank"], unique=False)

    op.create_table(
        "place_name",
        sa.Column(
            "norm",
            sa.String(length=120).with_variant(sa.String(length=120, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("geonames_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("norm", "geonames_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "place_prefix",
        sa.Column(
            "prefix",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("geonames_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "country", "geonames_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "region",
        sa.Column(
            "word",
            sa.String(length=120).with_variant(sa.String(length=120, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region_code", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("word", "country", "region_code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "suppression",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "town",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("geonames_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("slug", sa.String(120), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("folded", sa.String(200), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region_code", sa.String(20), nullable=False),
        sa.Column("region", sa.String(120), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lng", sa.Float(), nullable=True),
        sa.Column("mx", sa.Integer(), nullable=True),
        sa.Column("my", sa.Integer(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(40), nullable=False),
        sa.Column("standing", sa.String(8), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("status_since", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("ready_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("vote_count", sa.Integer(), nullable=False),
        sa.Column("nearby_count", sa.Integer(), nullable=False),
        sa.Column("come_count", sa.Integer(), nullable=False),
        sa.Column("facilitate_count", sa.Integer(), nullable=False),
        sa.Column("host_count", sa.Integer(), nullable=False),
        sa.Column("help_count", sa.Integer(), nullable=False),
        sa.Column("story_count", sa.Integer(), nullable=False),
        sa.Column("comment_count", sa.Integer(), nullable=False),
        sa.Column("closeness", sa.Integer(), nullable=False),
        sa.Column("rising", sa.Float(), nullable=False),
        sa.Column("need", sa.Float(), nullable=False),
        sa.Column("nearest_circle_id", sa.Integer(), nullable=True),
        sa.Column("nearest_km", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("country", "slug"),
        sa.UniqueConstraint("geonames_id"),
    )
    with op.batch_alter_table("town", schema=None) as batch_op:
        batch_op.create_index(
            "town_by_closeness", ["standing", "closeness", "vote_count", "id"], unique=False
        )
        batch_op.create_index(
            "town_by_country_votes", ["standing", "country", "vote_count", "id"], unique=False
        )
        batch_op.create_index("town_by_need", ["standing", "need", "id"], unique=False)
        batch_op.create_index("town_by_newest", ["standing", "asked_at", "id"], unique=False)
        batch_op.create_index("town_by_place", ["mx", "my"], unique=False)
        batch_op.create_index("town_by_rising", ["standing", "rising", "id"], unique=False)
        batch_op.create_index("town_by_votes", ["standing", "vote_count", "id"], unique=False)

    op.create_table(
        "browser_session",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("desk", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_browser_session_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "circle_rejection",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("upstream_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("mended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["circle_import.id"],
        ),
        sa.PrimaryKeyConstraint("import_id", "position"),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "kind"),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("before", sa.String(40), nullable=False),
        sa.Column("after", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_town_id"), ["town_id"], unique=False)

    op.create_table(
        "partner_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("partner_message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partner_message_created_at"), ["created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_partner_message_expires_at"), ["expires_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_partner_message_town_id"), ["town_id"], unique=False)

    op.create_table(
        "story",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("own", sa.String(), nullable=False),
        sa.Column("why_html", sa.String(), nullable=False),
        sa.Column("how_html", sa.String(), nullable=False),
        sa.Column("own_html", sa.String(), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("comment_count", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
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
    with op.batch_alter_table("story", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_story_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "story_by_country", ["visibility", "country", "published_at", "id"], unique=False
        )
        batch_op.create_index(
            "story_by_language", ["visibility", "language", "published_at", "id"], unique=False
        )
        batch_op.create_index("story_by_newest", ["visibility", "published_at", "id"], unique=False)
        batch_op.create_index(
            "story_by_town", ["town_id", "visibility", "published_at", "id"], unique=False
        )

    op.create_table(
        "town_address",
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("slug", sa.String(120), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("country", "slug"),
    )
    with op.batch_alter_table("town_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_town_address_town_id"), ["town_id"], unique=False)

    op.create_table(
        "town_language",
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("town_id", "language"),
    )
    op.create_table(
        "town_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("before", sa.String(12), nullable=False),
        sa.Column("after", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
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
    with op.batch_alter_table("town_update", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_town_update_person_id"), ["person_id"], unique=False)
        batch_op.create_index("update_by_town", ["town_id", "published_at", "id"], unique=False)

    op.create_table(
        "vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("voter_key", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("nearby", sa.Boolean(), nullable=False),
        sa.Column("come", sa.Boolean(), nullable=False),
        sa.Column("facilitate", sa.Boolean(), nullable=False),
        sa.Column("host", sa.Boolean(), nullable=False),
        sa.Column("help", sa.Boolean(), nullable=False),
        sa.Column("cast_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("town_id", "voter_key"),
    )
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vote_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_vote_voter_key"), ["voter_key"], unique=False)
        batch_op.create_index("vote_by_town", ["town_id", "state", "cast_at"], unique=False)

    op.create_table(
        "waiting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=True),
        sa.Column("geonames_id", sa.Integer(), nullable=True),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("outcome_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("code_until", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("page"),
        sa.UniqueConstraint("token"),
    )
    with op.batch_alter_table("waiting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waiting_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_waiting_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_waiting_town_id"), ["town_id"], unique=False)

    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["story_id"],
            ["story.id"],
        ),
        sa.ForeignKeyConstraint(
            ["town_id"],
            ["town.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index(
            "comment_by_story", ["story_id", "visibility", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "comment_by_town", ["town_id", "visibility", "created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_comment_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_person_id"))
        batch_op.drop_index("comment_by_town")
        batch_op.drop_index("comment_by_story")

    op.drop_table("comment")
    with op.batch_alter_table("waiting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waiting_town_id"))
        batch_op.drop_index(batch_op.f("ix_waiting_key"))
        batch_op.drop_index(batch_op.f("ix_waiting_expires_at"))

    op.drop_table("waiting")
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.drop_index("vote_by_town")
        batch_op.drop_index(batch_op.f("ix_vote_voter_key"))
        batch_op.drop_index(batch_op.f("ix_vote_person_id"))

    op.drop_table("vote")
    with op.batch_alter_table("town_update", schema=None) as batch_op:
        batch_op.drop_index("update_by_town")
        batch_op.drop_index(batch_op.f("ix_town_update_person_id"))

    op.drop_table("town_update")
    op.drop_table("town_language")
    with op.batch_alter_table("town_address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_town_address_town_id"))

    op.drop_table("town_address")
    with op.batch_alter_table("story", schema=None) as batch_op:
        batch_op.drop_index("story_by_town")
        batch_op.drop_index("story_by_newest")
        batch_op.drop_index("story_by_language")
        batch_op.drop_index("story_by_country")
        batch_op.drop_index(batch_op.f("ix_story_person_id"))

    op.drop_table("story")
    with op.batch_alter_table("partner_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_message_town_id"))
        batch_op.drop_index(batch_op.f("ix_partner_message_expires_at"))
        batch_op.drop_index(batch_op.f("ix_partner_message_created_at"))

    op.drop_table("partner_message")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_town_id"))
        batch_op.drop_index(batch_op.f("ix_decision_at"))
        batch_op.drop_index(batch_op.f("ix_decision_actor_id"))

    op.drop_table("decision")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_expires_at"))

    op.drop_table("contact")
    op.drop_table("circle_rejection")
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_browser_session_person_id"))

    op.drop_table("browser_session")
    with op.batch_alter_table("town", schema=None) as batch_op:
        batch_op.drop_index("town_by_votes")
        batch_op.drop_index("town_by_rising")
        batch_op.drop_index("town_by_place")
        batch_op.drop_index("town_by_newest")
        batch_op.drop_index("town_by_need")
        batch_op.drop_index("town_by_country_votes")
        batch_op.drop_index("town_by_closeness")

    op.drop_table("town")
    op.drop_table("suppression")
    op.drop_table("region")
    op.drop_table("place_prefix")
    op.drop_table("place_name")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index("place_country_rank")
        batch_op.drop_index(batch_op.f("ix_place_rank"))

    op.drop_table("place")
    op.drop_table("person")
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outgoing_mail_recipient_key"))
        batch_op.drop_index(batch_op.f("ix_outgoing_mail_due_at"))

    op.drop_table("outgoing_mail")
    with op.batch_alter_table("library", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_library_country"))

    op.drop_table("library")
    op.drop_table("invitation")
    op.drop_table("fact")
    with op.batch_alter_table("circle_import", schema=None) as batch_op:
        batch_op.drop_index("circle_import_latest")

    op.drop_table("circle_import")
    with op.batch_alter_table("circle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_circle_geonames_id"))
        batch_op.drop_index("circle_by_start")
        batch_op.drop_index("circle_by_place")
        batch_op.drop_index("circle_by_dates")
        batch_op.drop_index("circle_by_country")

    op.drop_table("circle")
