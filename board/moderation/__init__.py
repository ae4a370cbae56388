"""Moderation: what readers flag, and what follows from it."""
