"""Imports, from files and from a live server: idempotent, whole or not at all."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from board.circles.answers import FeedError
from board.circles.import_actions import Report
from board.circles.import_jobs import named
from board.circles.import_queries import remarks_of_import
from board.circles.jobs import import_circles, import_libraries, reach_of, refresh_circles
from board.circles.models import circle_imports, circle_rejections, circles, libraries
from board.circles.nearest_jobs import refresh_nearest
from board.circles.queries import latest_import
from board.circles.reach import Reach
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.towns.actions import found_town
from board.towns.models import towns

SAMPLE = str(ROOT / "content" / "sample" / "circles.json")
TEAMS = str(ROOT / "content" / "sample" / "libraries.json")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOWHERE = Reach(())
LOCAL = Reach((), own_machine=True, read_seconds=2, whole_seconds=10)
Rows = dict[int, dict[str, Any]]
Saved = Callable[..., str]


def bring(db: Database, *sources: str, **more: Any) -> Report:
    return import_circles(db, list(sources), NOWHERE, **more)


def kept(db: Database) -> Rows:
    """All circles of our table."""
    with db.snapshot() as conn:
        return {row.id: dict(row._mapping) for row in conn.execute(select(circles))}


def imports(db: Database) -> list[Any]:
    with db.snapshot() as conn:
        return list(conn.execute(select(circle_imports).order_by(circle_imports.c.id)))


def test_sample_is_taken_over(db: Database) -> None:
    report = bring(db, SAMPLE, sample=True)

    assert (report.accepted, report.added, report.changed, report.gone) == (102, 102, 0, 0)
    assert [remark.upstream_id for remark in report.rejected] == [93, 99]
    assert [(remark.upstream_id, remark.reason) for remark in report.mended] == [(83, "swapped")]
    with db.snapshot() as conn:
        latest = latest_import(conn)
        assert latest is not None
        assert (latest.sample, latest.accepted, latest.rejected) == (True, 102, 2)
        remarks = remarks_of_import(conn, latest.id)
    assert [(remark.upstream_id, remark.reason, remark.mended) for remark in remarks] == [
        (93, "one_letter", False),
        (99, "ends_first", False),
        (83, "swapped", True),
    ]


def test_planted_oddities_stand_where_they_belong(db: Database) -> None:
    bring(db, SAMPLE)
    rows = kept(db)

    assert len(rows) == 102
    for number, place in {
        80: ("București", "RO", 683506, 44.43, 26.11),
        81: ("Cluj-Napoca", "RO", 681290, 46.77, 23.6),
        82: ("Braga", "PT", 2742032, 41.55, -8.42),
        83: ("Hämeenlinna", "FI", 659180, 61.0, 24.46),
        84: ("Taveuni", "FJ", None, -16.5, -180.0),
        85: ("Chicago", "US", 4887398, 41.85, -87.65),
        86: ("Chicago", "US", 4887398, 41.85, -87.65),
        87: ("Chicago", "US", 4887398, 41.85, -87.65),
        88: ("Chicago", "US", 4887398, 41.85, -87.65),
        89: ("Chicago", "US", 4887398, 41.85, -87.65),
        90: ("Köln", "DE", 2886242, 50.93, 6.95),
        94: ("القاهرة", "EG", 360630, 30.06, 31.25),
        95: ("東京都", "JP", 1850147, 35.69, 139.69),
        78: ("", "", None, None, None),
        79: ("Kraków", "PL", None, None, None),
    }.items():
        row = rows[number]
        found = (row["city"], row["country"], row["geonames_id"], row["lat"], row["lng"])
        assert found == place, number
    assert rows[79]["mx"] is None
    assert rows[84]["mx"] == 0


def test_same_list_again_changes_nothing(db: Database) -> None:
    bring(db, SAMPLE)
    before = kept(db)

    report = bring(db, SAMPLE)

    assert report.changes == 0
    assert kept(db) == before
    assert [(row.accepted, row.added, row.changed, row.gone) for row in imports(db)] == [
        (102, 102, 0, 0),
        (102, 0, 0, 0),
    ]


def test_only_the_last_imports_remarks_are_kept(db: Database) -> None:
    bring(db, SAMPLE)
    bring(db, SAMPLE)
    with db.snapshot() as conn:
        assert conn.execute(select(func.count()).select_from(circle_rejections)).scalar() == 3


def test_vanished_circles_are_gone_and_come_back(db: Database, sample: Rows, saved: Saved) -> None:
    bring(db, SAMPLE)

    fewer = bring(db, saved([row for number, row in sample.items() if number > 10]))

    assert (fewer.added, fewer.changed, fewer.gone) == (0, 0, 10)
    assert {number for number, row in kept(db).items() if row["gone_at"]} == set(range(1, 11))
    again = bring(db, saved([row for number, row in sample.items() if number > 10]))
    assert again.changes == 0

    back = bring(db, SAMPLE)
    assert (back.added, back.changed, back.gone) == (10, 0, 0)
    assert not any(row["gone_at"] for row in kept(db).values())


def test_changed_circle_is_changed(db: Database, sample: Rows, saved: Saved) -> None:
    bring(db, SAMPLE)
    rows = [dict(row) for row in sample.values()]
    rows[0] |= {"name": "Another name", "signup_count": 5, "facilitator": "Somebody else"}
    rows[1] |= {"facilitator": "Somebody else", "venue_address": "Elsewhere 1"}

    report = bring(db, saved(rows))

    assert (report.added, report.changed, report.gone) == (0, 1, 0)
    assert kept(db)[rows[0]["id"]]["title"] == "Another name"


def test_circle_that_can_no_longer_be_right_leaves(
    db: Database, sample: Rows, saved: Saved
) -> None:
    bring(db, SAMPLE)
    rows = [row | {"draft": row["id"] == 5} for row in sample.values()]

    report = bring(db, saved(rows))

    assert report.gone == 1
    assert kept(db)[5]["gone_at"] is not None


def test_nothing_private_is_kept(db: Database, sample: Rows, saved: Saved) -> None:
    canaries = {
        "facilitator": "Canary One",
        "facilitators": ["Canary Two"],
        "venue": "Canary Three",
        "venue_address": "Canary Street 4",
        "signup_question": "Canary Five?",
        "email_address": "canary@example.org",
    }
    bring(db, saved([row | canaries for row in sample.values()]))
    import_libraries(db, [TEAMS], NOWHERE)

    with db.snapshot() as conn:
        everything = [
            repr(conn.execute(select(table)).all())
            for table in (circles, libraries, circle_imports, circle_rejections)
        ]
    assert "canary" not in "".join(everything).lower()
    assert "Amina" not in "".join(everything)
    assert "@" not in "".join(everything)


def test_pages_saved_one_by_one_are_one_list(db: Database, sample: Rows, saved: Saved) -> None:
    rows = list(sample.values())
    pages = [
        saved({"count": 104, "limit": 25, "offset": at, "items": rows[at : at + 25]}, f"{at}.json")
        for at in range(0, 126, 25)
    ]

    assert bring(db, *pages).accepted == 102
    assert imports(db)[0].source == "0.json, 25.json, 50.json, 75.json, 100.json, 125.json"


def test_packed_file_and_bare_list_are_fine(
    db: Database, sample: Rows, tmp_path: Path, saved: Saved
) -> None:
    file = tmp_path / "bare.json.gz"
    file.write_bytes(gzip.compress(json.dumps(list(sample.values())).encode()))

    assert bring(db, str(file)).added == 102
    assert bring(db, SAMPLE).changes == 0


def test_live_address_and_saved_file_are_the_same(db: Database, sample: Rows, feed: Any) -> None:
    bring(db, SAMPLE)
    feed.items = list(sample.values())

    report = import_circles(db, [feed.url], LOCAL)

    assert report.accepted == 102
    assert report.changes == 0
    assert len(feed.asked) == 2
    assert imports(db)[-1].source == feed.url


def error_answer(saved: Saved) -> str:
    return saved({"status": "error", "errors": {"limit": ["Not a valid integer"]}})


@pytest.mark.parametrize(
    "broken",
    [
        error_answer,
        lambda saved: saved({"count": 3, "items": [{"id": 1}]}),
        lambda saved: saved({"count": 0, "items": []}),
        lambda saved: saved([]),
        lambda saved: saved([{"label": "Chicago", "value": "Chicago"}]),
        lambda saved: saved([None, 5]),
        lambda _saved: TEAMS,
        lambda saved: saved({"items": [{"id": 1, "title": "a map's answer"}]}),
        lambda saved: saved("<html>"),
        lambda _saved: "/nowhere/at-all.json",
        lambda _saved: str(ROOT),
    ],
)
def test_failing_import_leaves_everything_and_is_written_down(
    db: Database, saved: Saved, broken: Callable[[Saved], str]
) -> None:
    bring(db, SAMPLE)
    before = kept(db)

    with pytest.raises(FeedError):
        bring(db, broken(saved))

    assert kept(db) == before
    good, failed = imports(db)
    assert (good.outcome, failed.outcome) == ("done", "failed")
    assert failed.error
    assert "/" not in failed.source
    with db.snapshot() as conn:
        latest = latest_import(conn)
    assert latest is not None
    assert latest.id == good.id


def test_failing_live_address_leaves_everything(
    db: Database, sample: Rows, feed: Any, answer: Callable[..., None]
) -> None:
    feed.items = list(sample.values())
    import_circles(db, [feed.url], LOCAL)
    before = kept(db)

    def half(handler: Any, asked: Any) -> None:
        if asked.query["offset"] == "0":
            feed.page(handler, asked)
        else:
            answer(handler, b'{"count": 104, "items": [{"id": 10')

    feed.act = half
    with pytest.raises(FeedError):
        import_circles(db, [feed.url], LOCAL)

    assert kept(db) == before


def test_database_error_in_the_middle_leaves_everything(
    db: Database, sample: Rows, saved: Saved
) -> None:
    bring(db, SAMPLE)
    before = kept(db)
    with db.transaction() as conn:
        conn.exec_driver_sql("DROP TABLE circle_rejection")

    with pytest.raises(DBAPIError):
        bring(db, saved([row for number, row in sample.items() if number > 50]))

    assert kept(db) == before
    assert imports(db)[-1].error in ("OperationalError", "ProgrammingError")


def test_empty_list_is_believed_when_told_to(db: Database, saved: Saved) -> None:
    bring(db, SAMPLE)

    assert bring(db, saved([]), allow_empty=True).gone == 102


def test_first_list_may_be_empty_any_number_of_times(db: Database, saved: Saved) -> None:
    assert bring(db, saved([])).accepted == 0
    assert bring(db, saved([])).accepted == 0


def test_address_and_files_are_not_mixed(db: Database, feed: Any) -> None:
    with pytest.raises(FeedError):
        bring(db, feed.url, SAMPLE)
    assert feed.asked == []


def test_named_hides_folders_and_queries() -> None:
    assert named(["/home/somebody/a.json", "b.json"]) == "a.json, b.json"
    assert named(["https://x.example.org/api/?key=1#a"]) == "https://x.example.org/api/"


def test_libraries_are_taken_over(db: Database) -> None:
    report = import_libraries(db, [TEAMS], NOWHERE)
    with db.snapshot() as conn:
        rows = {row.name: row for row in conn.execute(select(libraries))}

    assert (report.accepted, report.changes) == (5, 5)
    assert {name: row.country for name, row in rows.items()} == {
        "Carnegie Library of Pittsburgh": "US",
        "Detroit Public Library": "US",
        "Fundația Progress": "",
        "Kenya National Library Service": "KE",
        "Stadtbibliothek Köln": "DE",
    }
    assert rows["Detroit Public Library"].geonames_id == 4990729
    assert import_libraries(db, [TEAMS], NOWHERE).changes == 0


def nearest(db: Database) -> dict[str, tuple[int | None, float | None]]:
    with db.snapshot() as conn:
        rows = conn.execute(select(towns.c.name, towns.c.nearest_circle_id, towns.c.nearest_km))
        return {row.name: (row.nearest_circle_id, row.nearest_km) for row in rows}


def test_nearest_circles_follow_import_and_calendar(
    db: Database, sample: Rows, saved: Saved
) -> None:
    with db.transaction() as conn:
        found_town(conn, 3189075, NOW)  # Velenje, near Ljubljana
        found_town(conn, 3094802, NOW)  # Kraków, where one meets online
    ljubljana = next(row for row in sample.values() if row["city"] == "Ljubljana")
    rows = [
        ljubljana | {"id": 1001, "start_date": "2026-11-01", "last_meeting_date": "2026-12-06"},
        sample[79],
    ]

    with time_machine.travel(NOW, tick=False):
        bring(db, saved(rows))
    assert nearest(db)["Velenje"] == (1001, 57.6)
    assert nearest(db)["Kraków"][0] == 1001

    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        assert refresh_nearest(db) == 2
        assert refresh_nearest(db) == 0
    assert nearest(db) == {"Velenje": (None, None), "Kraków": (None, None)}


def settings(feed: Any, **more: Any) -> Settings:
    return Settings.model_validate({"circles_url": feed.url, "circles_minutes": 60, **more})


def test_refresh_imports_when_it_is_due(db: Database, sample: Rows, feed: Any) -> None:
    feed.items = list(sample.values())
    with time_machine.travel(NOW, tick=False):
        assert refresh_circles(db, settings(feed)) == []
        assert refresh_circles(db, settings(feed)) == []
    assert len(imports(db)) == 1
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        assert refresh_circles(db, settings(feed)) == []
    assert len(imports(db)) == 2


def test_refresh_says_what_failed_and_waits_too(
    db: Database, feed: Any, answer: Callable[..., None]
) -> None:
    feed.act = lambda handler, _asked: answer(handler, b"oh", status=500)
    with time_machine.travel(NOW, tick=False):
        said = refresh_circles(db, settings(feed))
        assert refresh_circles(db, settings(feed)) == []

    assert said == ["circles: The other side answers with 500."]
    assert len(feed.asked) == 1


def test_refresh_without_addresses_still_follows_the_calendar(db: Database, feed: Any) -> None:
    assert refresh_circles(db, settings(feed, circles_url="")) == []
    assert feed.asked == []


def test_refresh_forgets_old_imports_but_not_the_last_good_one(
    db: Database, saved: Saved, feed: Any
) -> None:
    with time_machine.travel(NOW - timedelta(days=200), tick=False):
        bring(db, SAMPLE)
        bring(db, SAMPLE)
        with pytest.raises(FeedError):
            bring(db, error_answer(saved))
    with time_machine.travel(NOW, tick=False):
        refresh_circles(db, settings(feed, circles_url=""))

    assert [row.id for row in imports(db)] == [2]


def test_reach_of_settings() -> None:
    development = Settings.model_validate({"circles_hosts": "a.example.org, b.example.org:444"})
    production = development.model_copy(update={"environment": "production"})

    assert reach_of(development) == Reach(("a.example.org", "b.example.org:444"), own_machine=True)
    assert not reach_of(production).own_machine
