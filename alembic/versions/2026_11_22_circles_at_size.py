"""Circles by the thousand: imports that go on where they broke off, and lists that need no sort.

What is read waits in tables of its own until the whole list is here. The circles that towns'
nearest ones were reckoned with are remembered, so that only what changed is reckoned anew.
"""

import sqlalchemy as sa

from alembic import op
from board.core.tables import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

HERE = sa.text("gone_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "circle_staged",
        *(
            sa.Column(name, kind, nullable=name in OPTIONAL)
            for name, kind in CIRCLE_COLUMNS.items()
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "library_staged",
        *(
            sa.Column(name, kind, nullable=name in OPTIONAL)
            for name, kind in LIBRARY_COLUMNS.items()
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "circle_remark_staged",
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("upstream_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("mended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "position"),
    )
    op.create_table(
        "circle_turn",
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("last_row", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("kind"),
    )
    op.create_table(
        "circle_pin",
        sa.Column("circle_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lng", sa.Float(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("circle_id"),
    )
    for name in OLD_INDEXES:
        op.drop_index(name, table_name="circle")
    for name, table, columns in NEW_INDEXES:
        op.create_index(name, table, columns, sqlite_where=HERE, postgresql_where=HERE)
    op.create_index("library_by_place", "library", ["mx", "my"])
    op.create_index("town_by_nearest", "town", ["nearest_circle_id", "id"])


def downgrade() -> None:
    op.drop_index("town_by_nearest", table_name="town")
    op.drop_index("library_by_place", table_name="library")
    for name, table, _columns in NEW_INDEXES:
        op.drop_index(name, table_name=table)
    for name, columns in OLD_INDEXES.items():
        op.create_index(name, "circle", columns)
    for table in (
        "circle_pin", "circle_turn", "circle_remark_staged", "library_staged", "circle_staged",
    ):  # fmt: skip
        op.drop_table(table)


CIRCLE_COLUMNS: dict[str, sa.types.TypeEngine[object]] = {
    "id": sa.Integer(),
    "title": sa.String(300),
    "course": sa.String(300),
    "city": sa.String(200),
    "region": sa.String(200),
    "country": sa.String(2),
    "geonames_id": sa.Integer(),
    "lat": sa.Float(),
    "lng": sa.Float(),
    "mx": sa.Integer(),
    "my": sa.Integer(),
    "online": sa.Boolean(),
    "starts_on": sa.Date(),
    "ends_on": sa.Date(),
    "begins_at": UtcDateTime(),
    "over_at": UtcDateTime(),
    "weekday": sa.Integer(),
    "starts_at": sa.String(5),
    "ends_at": sa.String(5),
    "utc_offset": sa.Integer(),
    "meetings": sa.Integer(),
    "language": sa.String(8),
    "signup_open": sa.Boolean(),
    "url": sa.String(500),
    "folded": sa.String(),
}
LIBRARY_COLUMNS: dict[str, sa.types.TypeEngine[object]] = {
    "id": sa.Integer(),
    "name": sa.String(200),
    "location": sa.String(200),
    "country": sa.String(2),
    "geonames_id": sa.Integer(),
    "lat": sa.Float(),
    "lng": sa.Float(),
    "mx": sa.Integer(),
    "my": sa.Integer(),
    "website": sa.String(500),
    "circle_count": sa.Integer(),
}
OPTIONAL = frozenset({"geonames_id", "lat", "lng", "mx", "my"})
OLD_INDEXES = {
    "circle_by_dates": ["gone_at", "over_at", "begins_at"],
    "circle_by_start": ["gone_at", "begins_at", "id"],
    "circle_by_country": ["country", "gone_at", "begins_at", "id"],
}
NEW_INDEXES = (
    ("circle_by_start", "circle", ["begins_at", "id", "over_at", "gone_at"]),
    ("circle_by_country", "circle", ["country", "begins_at", "id", "over_at", "gone_at"]),
    ("circle_by_language", "circle", ["language", "begins_at", "id", "over_at", "gone_at"]),
    ("library_by_name", "library", ["name", "id"]),
    ("library_by_country", "library", ["country", "name", "id"]),
)
