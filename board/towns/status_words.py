"""The words for a town's status, in the language that is spoken now."""

from board.core.language import gettext as _


def status_word(status: str) -> str:
    """Asking, In review, …; what an unknown status says of itself."""
    return {
        "asking": _("Asking"),
        "in_review": _("In review"),
        "talking": _("Talking"),
        "planned": _("Planned"),
        "launched": _("Launched"),
        "not_now": _("Not now"),
    }.get(status, status)
