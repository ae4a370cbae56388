"""Recount: every stored counter beside what its rows say, and mending where they differ."""

from board.recount.actions import mend
from board.recount.queries import differences

__all__ = ["differences", "mend"]
