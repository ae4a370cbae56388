"""The one place that asks what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)


def minute() -> datetime:
    """The beginning of the current minute: what is kept for others, too, knows no seconds."""
    return now().replace(second=0, microsecond=0)
