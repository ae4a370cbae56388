"""The different values of a column, one index step each."""

from sqlalchemy import insert

from board.core.db import Database
from board.core.loose import values_of
from board.towns.models import town_languages, towns
from board.towns.queries import asking_countries, spoken_languages
from tests.invented import add_towns, row_of_town


def test_each_value_once_in_order_and_none_of_nothing(database: Database) -> None:
    with database.snapshot() as conn:
        assert list(conn.execute(values_of(towns.c.country)).scalars()) == []
        codes = ("SI", "AT", "SI", "PL", "AT", "ZW")
        ids = add_towns(conn, [row_of_town(n, country=code) for n, code in enumerate(codes)])
        add_towns(
            conn,
            [
                row_of_town(10, country="FJ", standing="by_hand"),
                row_of_town(11, country="GE", vote_count=0),
            ],
        )
        assert list(conn.execute(values_of(towns.c.country)).scalars()) == [
            "AT",
            "FJ",
            "GE",
            "PL",
            "SI",
            "ZW",
        ]
        assert asking_countries(conn) == ["AT", "PL", "SI", "ZW"]
        told = [(ids[0], "sl", 1), (ids[1], "sl", 2), (ids[2], "en", 0), (ids[3], "pl", 1)]
        conn.execute(
            insert(town_languages),
            [{"town_id": n, "language": code, "stories": m} for n, code, m in told],
        )
        assert spoken_languages(conn) == ["pl", "sl"]
