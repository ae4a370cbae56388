"""Tables and columns without personal data, and why. Pure data; all others are in `personal`."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Harmless(NamedTuple):
    """Tables without personal data, and why."""

    why: str
    tables: Mapping[str, tuple[str, ...]]


HARMLESS: Final = (
    Harmless(
        "The gazetteer: places of the world.",
        {
            "place": (
                "geonames_id", "name", "country", "region_code", "region",
                "lat", "lng", "population", "timezone", "rank", "slug",
            ),
            "place_name": (
                "norm", "geonames_id", "weight",
            ),
            "place_prefix": (
                "prefix", "country", "geonames_id", "weight",
            ),
            "region": (
                "word", "country", "region_code",
            ),
        },
    ),
    Harmless(
        "Towns and their counters; a name typed by hand is a town's.",
        {
            "town": (
                "id", "geonames_id", "code", "slug", "name", "folded",
                "country", "region_code", "region", "lat", "lng", "mx", "my",
                "population", "timezone", "standing", "status", "status_since",
                "asked_at", "ready_at", "answered_at", "vote_count",
                "nearby_count", "come_count", "facilitate_count", "host_count",
                "help_count", "story_count", "comment_count", "closeness",
                "rising", "need", "nearest_circle_id", "nearest_km", "merged_into_id",
                "celled_as", "zkey",
                # Who of the staff looks after it: leads to a row that erasing empties.
                "owner_id",
            ),
            "town_cell": (
                "level", "country", "key", "status", "lonely", "towns",
                "sum_mx", "sum_my", "sum_id",
            ),
            "town_spelling": (
                "town_id", "words",
            ),
            "town_language": (
                "town_id", "language", "stories",
            ),
            "town_address": (
                "country", "slug", "town_id",
            ),
        },
    ),
    Harmless(
        "Which words stand in which public story: kept by triggers (stories.word_triggers), so "
        "that they are gone in the moment in which the story's own are.",
        {
            "town_word": (
                "word", "town_id", "story_id",
            ),
        },
    ),
    Harmless(
        "What P2PU publishes of its circles; facilitators and venues are left out at the import.",
        {
            "circle": (
                "id", "title", "course", "city", "region", "country",
                "geonames_id", "lat", "lng", "mx", "my", "online", "starts_on",
                "ends_on", "begins_at", "over_at", "weekday", "starts_at",
                "ends_at", "utc_offset", "meetings", "language", "signup_open",
                "url", "folded", "gone_at",
            ),
            "library": (
                "id", "name", "location", "country", "geonames_id", "lat",
                "lng", "mx", "my", "website", "circle_count", "gone_at", "calendar",
                "checked_on",
            ),
            "circle_import": (
                "id", "kind", "source", "sample", "started_at", "finished_at",
                "outcome", "error", "accepted", "rejected", "added", "changed",
                "gone",
            ),
            "circle_rejection": (
                "import_id", "position", "upstream_id", "title", "reason",
                "mended",
            ),
            "circle_staged": (
                "id", "title", "course", "city", "region", "country",
                "geonames_id", "lat", "lng", "mx", "my", "online", "starts_on",
                "ends_on", "begins_at", "over_at", "weekday", "starts_at",
                "ends_at", "utc_offset", "meetings", "language", "signup_open",
                "url", "folded",
            ),
            "library_staged": (
                "id", "name", "location", "country", "geonames_id", "lat",
                "lng", "mx", "my", "website", "circle_count",
            ),
            "circle_remark_staged": (
                "kind", "position", "upstream_id", "title", "reason", "mended",
            ),
            "circle_turn": (
                "kind", "holder", "held_until", "address", "read_at",
                "rows_total", "rows_read", "last_row",
            ),
            "circle_pin": (
                "circle_id", "lat", "lng", "settled",
            ),
        },
    ),
    Harmless(
        "Facts about the board, announcements to several people: ids and dates.",
        {
            "change": (
                "seq", "kind", "subject", "xid",
            ),
            "fact": (
                "name", "value",
            ),
            "announcement": (
                "id", "kind", "subject_id", "created_at", "done_at",
            ),
        },
    ),
    Harmless(
        "Counters under hashes of keys, gone after two days (core.quotas).",
        {
            "quota": (
                "bucket", "window_at", "used",
            ),
        },
    ),
    Harmless(
        "How often something happened on a day, by country.",
        {
            "day_tally": (
                "day", "kind", "country", "n",
            ),
        },
    ),
    Harmless(
        "The salts that make networks unreadable, destroyed after a fortnight (core.quotas).",
        {
            "network_salt": (
                "day", "salt",
            ),
        },
    ),
    Harmless(
        "Acts of the desk: the ids lead to a person's row, which erasing empties (the record holds "
        "no names, and staff are answerable for three years).",
        {
            "decision": (
                "id", "at", "actor_id", "act", "subject", "subject_id", "town_id", "reason",
                "before", "after",
            ),
            "code_batch": (
                "id", "town_id", "label", "count", "made_by", "created_at", "expires_at",
                "revoked_at", "reason",
            ),
            "town_merge": (
                "id", "source_id", "target_id", "person_id", "standing", "moved", "already",
                "merged_at", "undone_at",
            ),
            "outreach": (
                "id", "town_id", "person_id", "asked_for", "people", "once", "sent_at",
            ),
            "talk_lock": ("id", "town_id", "reason", "locked_at", "person_id"),
        },
    ),
    Harmless(
        "The team's own words and drafts: who wrote them is an id that leads to such a row.",
        {
            "town_note": (
                "id", "town_id", "person_id", "text", "written_at",
            ),
            "planned_word": (
                "id", "town_id", "person_id", "seen", "status", "reason", "language",
                "text", "due_at", "problem", "changed_at",
            ),
            "reply_template": (
                "id", "name", "language", "text", "person_id", "changed_at",
            ),
            "update_revision": (
                "id", "update_id", "person_id", "language", "html", "text", "replaced_at",
            ),
        },
    ),
    Harmless(
        "Circles that may be the answer to a town.",
        {
            "launch_suggestion": (
                "id", "town_id", "circle_id", "noticed_at", "settled_at",
            ),
        },
    ),
)  # fmt: skip
