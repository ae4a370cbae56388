"""Which changes pages show: what the triggers of the log of changes look at (core.watching).

Every column of a table that a kept page reads stands here, or in `UNSHOWN` with the reason; a
test reads the statements of all kept pages and holds it.
"""

from typing import Final

from board.core.watching import Watch

_TOWN_OF_VOTE: Final = "(SELECT vote.town_id FROM vote WHERE vote.id = r.vote_id)"
_TOWN_OF_STORY: Final = "(SELECT story.town_id FROM story WHERE story.id = r.story_id)"

WATCHED: Final = (
    # Anything that moves a town on the map, in a total or to another list.
    Watch(
        "town",
        "facts",
        "r.id",
        (
            "geonames_id", "code", "slug", "name", "country", "region_code", "region", "lat",
            "lng", "mx", "my", "population", "timezone", "standing", "status", "status_since",
            "asked_at", "ready_at", "answered_at", "nearest_circle_id", "nearest_km",
            "merged_into_id", "celled_as",
        ),
        also=("(r.vote_count > 0)",),
    ),
    # Under which other names a search finds it.
    Watch("town_spelling", "facts", "r.town_id", ("words",)),
    # Only how often something was counted.
    Watch(
        "town",
        "town",
        "r.id",
        (
            "vote_count", "nearby_count", "come_count", "facilitate_count", "host_count",
            "help_count", "closeness", "rising", "need",
        ),
        events=("UPDATE",),
    ),
    Watch("town", "stories", "r.id", ("story_count",), events=("UPDATE",)),
    Watch("town", "talk", "r.id", ("comment_count",), events=("UPDATE",)),
    # A vote for the first time and one for the last move the town's counters; what its author
    # offers stands beside their story.
    Watch(
        "vote",
        "town",
        "r.town_id",
        ("state", "person_id", "come", "facilitate", "host", "help"),
    ),
    Watch("vote_topic", "words", _TOWN_OF_VOTE, ("folded", "word")),
    Watch("vote_slot", "words", _TOWN_OF_VOTE, ("slot",)),
    # The filter of the list names every language that somebody wrote in.
    Watch("town_language", "facts", "r.town_id", ("language",), also=("(r.stories > 0)",)),
    Watch("town_language", "stories", "r.town_id", ("stories",), events=("UPDATE",)),
    Watch(
        "story",
        "stories",
        "r.town_id",
        (
            "country", "person_id", "name", "title", "language", "why", "how", "own", "why_html",
            "how_html", "own_html", "visibility", "reason", "created_at", "published_at",
            "edited_at",
        ),
    ),
    Watch("story", "talk", "r.town_id", ("comment_count",), events=("UPDATE",)),
    Watch("story_photo", "stories", _TOWN_OF_STORY, ("id", "width", "height", "alt")),
    Watch(
        "comment",
        "talk",
        "r.town_id",
        (
            "story_id", "parent_id", "answers_id", "person_id", "name", "staff", "language",
            "text", "html", "visibility", "reason", "created_at", "edited_at",
        ),
    ),
    Watch("talk_lock", "talk", "r.town_id", ("reason", "locked_at")),
    Watch(
        "town_update",
        "words",
        "r.town_id",
        (
            "person_id", "name", "before", "after", "reason", "language", "html", "published_at",
            "edited_at",
        ),
    ),
    Watch(
        "circle",
        "circles",
        "0",
        (
            "title", "course", "city", "region", "country", "geonames_id", "lat", "lng", "mx",
            "my", "online", "starts_on", "ends_on", "begins_at", "over_at", "weekday", "starts_at",
            "ends_at", "utc_offset", "meetings", "language", "signup_open", "url", "gone_at",
        ),
    ),
    Watch(
        "circle_import",
        "imports",
        "0",
        ("kind", "source", "sample", "finished_at", "outcome"),
        only="r.outcome = 'done'",
    ),
    Watch(
        "library",
        "libraries",
        "0",
        (
            "name", "location", "country", "geonames_id", "lat", "lng", "website",
            "circle_count", "calendar", "checked_on", "gone_at",
        ),
    ),
    Watch(
        "decision",
        "record",
        "0",
        ("act", "subject", "subject_id", "town_id", "reason", "before", "after", "at"),
    ),
    # The places of the world are replaced as a whole, and this says which are there now.
    Watch("fact", "all", "0", ("value",), only="r.name = 'gazetteer'"),
)  # fmt: skip

# Tables that kept pages read and nobody watches, and why nothing is missed.
UNWATCHED: Final = {
    "change": "is the log itself: answers that are kept ask it what came since",
    "place": "replaced as a whole, with the fact that says which edition stands there",
    "place_name": "replaced with the places",
    "place_prefix": "replaced with the places",
    "region": "replaced with the places",
    "town_address": "leads to another address, and what leads on is not kept",
    "town_cell": "counts a town as its row says (celled_as); mending it says that all changed",
    "town_word": "holds the words of towns and stories, written by triggers of these",
}
