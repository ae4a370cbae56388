"""Digests: the mails that several people get because of what happened on the board."""
