"""All personal data of the board, in one place: what there is, whose it is, how it goes. Pure data.

Every column of every table stands here or in `harmless`; a test walks the schema and fails on one
that doesn't. Export reads these lists. Erasing is written out in `erase_actions`, one call per
feature, and the same test fills every column with canaries and finds none left. What a period is
called ("contacts") is in `retention.PERIODS`, which feeds the job and the privacy page.

Tables are named, not imported: the desk's stand above this floor and hold personal data too.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Owner = Literal[
    "id", "person_id", "key", "recipient_key", "voter_key", "vote", "moved", "story", "mailbox"
]
NOTHING: Final[Mapping[str, str]] = {}


class Held(NamedTuple):
    """What one table holds about people.

    `owner`: how a row belongs to somebody. A column of this name is their id or key; "vote" and
    "story" are reached through theirs, "moved" names a vote among other things; "mailbox" stands
    inside what is sealed.
    `shown`: exported as they are. `opened`: sealed, exported in clear, each under its label.
    `inner`: about somebody, but only a hash, a key or a number of ours: not exported.
    `plain`: not about anybody.
    `erased`: "row" when the whole row goes; else the columns that are emptied, while the row stays.
    `kept`: why what is left may stay, or nothing.
    `period`: the retention period that ends it; "" while the person takes part.
    """

    owner: Owner
    shown: tuple[str, ...] = ()
    opened: Mapping[str, str] = NOTHING
    inner: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    erased: Literal["row"] | tuple[str, ...] = "row"
    kept: str = ""
    period: str = ""


PERSONAL: Final[Mapping[str, Held]] = {
    "person": Held(
        "id",
        shown=("name", "language", "role", "trusted", "blocked_at", "created_at"),
        inner=("id", "key"),
        erased=("key", "name", "language", "trusted", "created_at"),
        kept="An empty row, so that its number is never given to anybody else: lasting links name "
        "it. Of a blocked person the key too, so that they stay blocked.",
    ),
    "contact": Held(
        "person_id",
        shown=("kind", "kept_at", "expires_at", "asked_at"),
        opened={"value": "contact.value"},
        inner=("id", "person_id"),
        period="contacts",
    ),
    "contact_use": Held(
        "person_id",
        shown=("purpose", "town_id", "at"),
        # Who of the team it was is about them; the page says in which role.
        inner=("id", "person_id", "actor_id"),
        period="uses",
    ),
    "browser_session": Held(
        "person_id",
        shown=("desk", "created_at", "seen_at", "expires_at"),
        inner=("id", "person_id", "challenge"),
        plain=("at_door", "tries", "challenge_until"),
        period="browsers",
    ),
    # Who ends their role at the desk ends these too, and erasing waits for that (lock_out).
    "second_factor": Held(
        "person_id",
        shown=("made_at", "used_at"),
        inner=("person_id", "secret"),
        plain=("last_step",),
    ),
    "passkey": Held(
        "person_id",
        shown=("name", "made_at", "used_at"),
        inner=("id", "person_id", "credential", "public_key"),
        plain=("sign_count",),
    ),
    "recovery_code": Held(
        "person_id", shown=("made_at", "used_at"), inner=("id", "person_id", "hash")
    ),
    "organiser_town": Held("person_id", shown=("town_id",), inner=("person_id",)),
    "desk_language": Held("person_id", shown=("language",), inner=("person_id",)),
    "desk_code": Held(
        "person_id",
        shown=("used_at",),
        inner=("id", "hash", "person_id"),
        plain=("batch_id",),
        erased=("person_id",),
        kept="The slip stays used, or it would confirm again.",
        period="slips",
    ),
    "vote": Held(
        "voter_key",
        shown=(
            "town_id", "state", "name", "nearby", "come", "facilitate", "host", "help", "cast_at",
            "changed_at", "reason", "signals",
        ),
        inner=("id", "voter_key", "person_id", "network"),
        plain=("voided_from", "batch_id"),
        erased=(
            "person_id", "name", "nearby", "come", "facilitate", "host", "help", "network",
            "signals",
        ),
        kept="The key and the count, so that nobody votes twice by erasing in between.",
        period="networks",
    ),
    "vote_topic": Held("vote", shown=("word",), inner=("vote_id", "folded")),
    "vote_slot": Held("vote", shown=("slot",), inner=("vote_id",)),
    "story": Held(
        "person_id",
        shown=(
            "town_id", "name", "title", "language", "why", "how", "own", "visibility", "reason",
            "created_at", "published_at", "edited_at", "kept_at", "hidden_at", "held_for",
            "signals",
        ),
        # The same words once more, rendered and folded.
        inner=("id", "person_id", "why_html", "how_html", "own_html", "folded"),
        plain=("country", "renderer", "comment_count"),
        erased=(
            "person_id", "name", "title", "why", "how", "own", "why_html", "how_html", "own_html",
            "folded", "signals",
        ),
        kept="An empty row, so that what others said to it keeps its place.",
        period="texts",
    ),
    "story_revision": Held(
        "story",
        shown=("state", "title", "language", "why", "how", "own", "alt", "created_at"),
        inner=("id", "story_id", "jpeg"),
        plain=("width", "height"),
        period="texts",
    ),
    "story_photo": Held(
        "story",
        # The picture itself goes into the ZIP as a file (export.PHOTOS).
        shown=("alt", "width", "height", "created_at"),
        inner=("id", "story_id", "jpeg"),
        period="texts",
    ),
    "comment": Held(
        "person_id",
        shown=(
            "town_id", "name", "staff", "language", "text", "visibility", "reason", "created_at",
            "edited_at", "kept_at", "hidden_at", "held_for", "signals",
        ),
        inner=("id", "person_id", "html"),
        plain=("story_id", "parent_id", "answers_id", "renderer"),
        erased=("person_id", "name", "text", "html", "signals"),
        kept="An empty row, so that replies keep hanging.",
        period="texts",
    ),
    "follow": Held(
        "person_id",
        shown=("kind", "about", "pace", "town_id", "country", "km", "created_at"),
        inner=("id", "person_id"),
        plain=("geonames_id", "lat", "lng"),
        period="contacts",
    ),
    "flag": Held(
        "person_id",
        shown=("subject", "subject_id", "town_id", "reason", "note", "created_at"),
        inner=("id", "person_id", "flagger"),
        plain=("settled_at",),
        erased=("person_id", "flagger", "note"),
        kept="That something was flagged, and its reason.",
        period="flags",
    ),
    "launch_answer": Held(
        "person_id",
        shown=("town_id", "answer", "answered_at"),
        inner=("id", "person_id"),
        erased=("person_id",),
        kept="The answer as a number.",
        period="answers",
    ),
    "town_update": Held(
        "person_id",
        shown=(
            "town_id", "name", "before", "after", "reason", "language", "text", "published_at",
        ),
        inner=("id", "person_id"),
        plain=("html", "edited_at"),
        erased=("person_id", "name"),
        kept="P2PU's public word, without who wrote it.",
    ),
    "waiting": Held(
        "key",
        shown=(
            "channel", "kind", "language", "town_id", "outcome", "signals", "held", "created_at",
            "expires_at",
        ),
        opened={"contact": "waiting.contact", "payload": "waiting.payload"},
        inner=("id", "page", "token", "code", "key", "network", "body"),
        plain=(
            "geonames_id", "issue", "sends", "tries", "outcome_id", "code_until", "undo_until",
        ),
        period="forms",
    ),
    "story_upload": Held(
        # Its token stands in the sealed form that waits.
        "mailbox",
        inner=("token", "jpeg"),
        plain=("width", "height", "created_at", "expires_at"),
        period="drafts",
    ),
    "outgoing_mail": Held(
        "recipient_key",
        shown=("kind", "language", "stream", "state", "created_at", "sent_at"),
        # Recipient and words are sealed while a mail waits and gone once it was taken.
        inner=("id", "event", "recipient_key", "recipient", "payload", "message_id", "answer"),
        plain=("attempts", "due_at", "lease_until"),
        erased=("recipient_key", "recipient", "payload", "message_id", "answer"),
        kept="That a mail of this kind was sent; what still waits is dropped whole.",
        period="mails",
    ),
    "suppression": Held(
        "key",
        shown=("reason", "created_at"),
        inner=("key",),
        erased=(),
        kept="The key, so that “stop all mail” is remembered.",
    ),
    "stopped_stream": Held(
        "key",
        shown=("stream", "created_at"),
        inner=("key",),
        erased=(),
        kept="The key, so that “stop these mails” is remembered.",
    ),
    "saved_view": Held(
        "person_id", shown=("name", "query", "shared", "created_at"), inner=("id", "person_id"),
    ),
    # A topic, a time or the ticks of a vote as they were before two towns became one.
    "town_merge_item": Held("moved", inner=("item_id", "before"), plain=("id", "merge_id", "kind")),
    # Whether one's contact may go to who facilitates; and who that is, sealed.
    "hand_over_yes": Held(
        "person_id", shown=("said_at", "passed_at"), inner=("hand_over_id", "person_id")
    ),
    "hand_over": Held(
        "mailbox",
        inner=("id", "person_id", "name", "email"),
        plain=("town_id", "asked", "asked_at", "issue", "sent_at", "opened_at", "closed_at"),
        erased=("name", "email"),
        kept="That people were asked, and how many.",
        period="hand_overs",
    ),
    "invitation": Held(
        "mailbox",
        inner=("email", "token"),
        plain=("id", "role", "language", "created_at", "expires_at", "used_at"),
        period="invitations",
    ),
    "partner_message": Held(
        "mailbox",
        opened={"content": "partner.content"},
        shown=("town_id", "language", "created_at", "expires_at", "answered_at"),
        inner=("id",),
        period="partners",
    ),
}  # fmt: skip


def columns_of(held: Held) -> tuple[str, ...]:
    """Every column that an entry speaks of, in its own order."""
    return (*held.shown, *held.opened, *held.inner, *held.plain)
