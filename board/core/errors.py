"""What may go wrong, in words a person can act on.

Actions and queries raise these; only `core.http` knows which status code each becomes.

BoardError
├── NotFound       nothing lives at this address
├── Gone           it was here and was taken away
├── Refused        the person may not do this
├── Conflict       somebody else was faster, or the thing is in another state
├── Mistake        what was typed needs a change; carries a sentence per field
├── TooMuch        a limit was reached; carries the seconds until another try
└── Busy           the board has more to write than it can take at this moment
    └── Unreachable    its database doesn't answer
"""

from collections.abc import Mapping


class BoardError(Exception):
    """The root of all errors that a page may show; its text is a translated sentence."""


class NotFound(BoardError):
    """There is nothing at this address, or nothing this person may know of."""


class Gone(BoardError):
    """There was something here; it was hidden, archived or deleted."""


class Refused(BoardError):
    """The person is known, or not, and may not do this."""


class Conflict(BoardError):
    """The thing has changed since the person looked at it."""


class Mistake(BoardError):
    """Something typed can't stand: `fields` maps a field's name to one sentence each."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class TooMuch(BoardError):
    """A limit was reached; `retry_after` says after how many seconds it is worth a new try."""

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Busy(BoardError):
    """The writer's queue is full: nothing was written, and a later try will do."""


class Unreachable(Busy):
    """The database doesn't answer, or left in the middle: a later try will do."""
