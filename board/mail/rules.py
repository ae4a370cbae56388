"""Kinds of mail as people see them: what one click stops. Pure."""

from typing import Final

# offers: because you offered something; start: a circle starts; status: P2PU's word at once;
# digest: the weekly letter; desk: for those who sit there.
STREAMS: Final = ("offers", "start", "status", "digest", "desk")
