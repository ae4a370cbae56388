"""What the desk still lacked."""

import sqlalchemy as sa

from alembic import op
from board.core.tables import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


_BY_TOWN = ["town_id", "state", "cast_at"]
_OFFERS = ["come", "facilitate", "host", "help"]
_AT_DESK = [
    "standing", "status", "vote_count", "come_count", "facilitate_count", "host_count",
    "ready_at", "answered_at", "asked_at",
]  # fmt: skip


# Nobody changes an entry of the record; only the dated run takes away what is older than the fact
# that it writes down first (taking_part.retention_jobs).
_APPEND_ONLY_SQLITE = (
    """CREATE TRIGGER decision_stays BEFORE UPDATE ON decision
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
    """CREATE TRIGGER decision_is_kept BEFORE DELETE ON decision
    WHEN NOT EXISTS (
        SELECT 1 FROM fact WHERE name = 'record.until' AND datetime(OLD.at) <= datetime(value)
    )
    BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END""",
)
_APPEND_ONLY_POSTGRESQL = (
    """CREATE FUNCTION decision_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the record is append-only'; END $$""",
    """CREATE TRIGGER decision_stays BEFORE UPDATE ON decision
    FOR EACH ROW EXECUTE FUNCTION decision_stays()""",
    """CREATE FUNCTION decision_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT 1 FROM fact WHERE name = 'record.until' AND OLD.at <= value::timestamptz
        ) THEN RAISE EXCEPTION 'the record is append-only'; END IF;
        RETURN OLD;
    END $$""",
    """CREATE TRIGGER decision_is_kept BEFORE DELETE ON decision
    FOR EACH ROW EXECUTE FUNCTION decision_is_kept()""",
    """CREATE TRIGGER decision_is_not_emptied BEFORE TRUNCATE ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION decision_stays()""",
)


def upgrade() -> None:
    # A form that was confirmed by phone keeps its content until the step can't be undone any more.
    op.add_column("waiting", sa.Column("undo_until", UtcDateTime(), nullable=True))
    op.create_index(op.f("ix_waiting_undo_until"), "waiting", ["undo_until"], unique=False)
    for statement in _APPEND_ONLY_SQLITE if _on_sqlite() else _APPEND_ONLY_POSTGRESQL:
        op.execute(statement)
    op.drop_index("vote_by_town", table_name="vote")
    op.create_index("vote_by_town", "vote", [*_BY_TOWN, *_OFFERS])
    op.create_index("town_for_desk", "town", _AT_DESK)


def downgrade() -> None:
    if _on_sqlite():
        op.execute("DROP TRIGGER decision_is_kept")
        op.execute("DROP TRIGGER decision_stays")
    else:
        op.execute("DROP FUNCTION decision_is_kept CASCADE")
        op.execute("DROP FUNCTION decision_stays CASCADE")
    op.drop_index(op.f("ix_waiting_undo_until"), table_name="waiting")
    op.drop_column("waiting", "undo_until")
    op.drop_index("town_for_desk", table_name="town")
    op.drop_index("vote_by_town", table_name="vote")
    op.create_index("vote_by_town", "vote", _BY_TOWN)


def _on_sqlite() -> bool:
    return bool(op.get_context().dialect.name == "sqlite")
