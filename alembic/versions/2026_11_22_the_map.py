"""The map's cells: towns counted by squares, kept with what they count.

Filled here for the towns there are, with statements of its own: what the code does later is the
code's business. Libraries get the place on the map that circles have.
"""

from math import asinh, pi, radians, tan

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WORLD = 1 << 30
JOIN_KM = 25
FINEST, COARSEST = 11, 3
SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


def upgrade() -> None:
    with op.batch_alter_table("town", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("celled_as", sa.String(20), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("zkey", sa.BigInteger(), nullable=True))
        batch_op.create_index("town_by_zkey", ["zkey"], unique=False)

    with op.batch_alter_table("library", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mx", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("my", sa.Integer(), nullable=True))

    op.create_table(
        "town_cell",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("lonely", sa.Integer(), nullable=False),
        sa.Column("towns", sa.Integer(), nullable=False),
        sa.Column("sum_mx", sa.BigInteger(), nullable=False),
        sa.Column("sum_my", sa.BigInteger(), nullable=False),
        sa.Column("sum_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("level", "country", "key", "status", "lonely"),
        sqlite_with_rowid=False,
    )
    fill_towns()
    fill_cells()
    fill_libraries()


def downgrade() -> None:
    op.drop_table("town_cell")
    op.execute(sa.text("DELETE FROM fact WHERE name = 'cells.join_km'"))
    with op.batch_alter_table("library", schema=None) as batch_op:
        batch_op.drop_column("my")
        batch_op.drop_column("mx")

    with op.batch_alter_table("town", schema=None) as batch_op:
        batch_op.drop_index("town_by_zkey")
        batch_op.drop_column("zkey")
        batch_op.drop_column("celled_as")


def spread(column: str) -> str:
    """A number's bits with a gap between each two of them, as SQL."""
    bits = f"CAST({column} AS BIGINT)"
    for shift, mask in SPREAD:
        bits = f"(({bits} | ({bits} << {shift})) & {mask})"
    return bits


def fill_towns() -> None:
    """Every town of list and map knows as what it is counted, and its key on the map."""
    op.execute(
        sa.text(
            "UPDATE town SET celled_as = country || ' ' || status || ' ' || "
            f"CASE WHEN nearest_km IS NULL OR nearest_km > {JOIN_KM} THEN '1' ELSE '0' END, "
            f"zkey = (({spread('my')} << 1) | {spread('mx')}) "
            "WHERE standing = 'listed' AND vote_count > 0"
        )
    )
    op.execute(
        sa.text(
            f"INSERT INTO fact (name, value) VALUES ('cells.join_km', '{JOIN_KM}') "
            "ON CONFLICT (name) DO NOTHING"
        )
    )


def fill_cells() -> None:
    """The finest level counts towns, every coarser one the cells beneath it."""
    lonely = "CASE WHEN celled_as LIKE '% 1' THEN 1 ELSE 0 END"
    sums = "count(*), coalesce(sum(mx), 0), coalesce(sum(my), 0), sum(id)"
    finest = f"zkey >> {2 * (30 - FINEST)}"
    for level, key, where in (
        (0, "0", "celled_as <> ''"),
        (FINEST, finest, "celled_as <> '' AND zkey IS NOT NULL"),
    ):
        for country in ("''", "country"):
            grouped = [name for name in (country, key) if name not in ("''", "0")]
            op.execute(
                sa.text(
                    f"INSERT INTO town_cell SELECT {level}, {country}, {key}, status, {lonely}, "
                    f"{sums} FROM town WHERE {where} "
                    f"GROUP BY {', '.join([*grouped, 'status', lonely])}"
                )
            )
    for level in range(FINEST - 1, COARSEST - 1, -1):
        op.execute(
            sa.text(
                f"INSERT INTO town_cell SELECT {level}, country, key >> 2, status, lonely, "
                "sum(towns), sum(sum_mx), sum(sum_my), sum(sum_id) "
                f"FROM town_cell WHERE level = {level + 1} "
                "GROUP BY country, key >> 2, status, lonely"
            )
        )


def fill_libraries() -> None:
    """Libraries have a place on the map as circles have."""
    library = sa.table(
        "library", sa.column("id"), sa.column("lat"), sa.column("lng"), sa.column("mx"),
        sa.column("my"),
    )  # fmt: skip
    conn = op.get_bind()
    rows = conn.execute(
        sa.select(library.c.id, library.c.lat, library.c.lng).where(library.c.lat.is_not(None))
    ).all()
    for number, lat, lng in rows:
        bounded = max(-85.05112877, min(85.05112877, lat))
        x = int(((lng + 180.0) / 360.0) % 1.0 * WORLD)
        y = int((0.5 - asinh(tan(radians(bounded))) / (2 * pi)) * WORLD)
        conn.execute(
            sa.update(library)
            .where(library.c.id == number)
            .values(mx=min(WORLD - 1, x), my=max(0, min(WORLD - 1, y)))
        )
