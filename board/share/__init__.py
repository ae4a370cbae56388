"""Sharing: the short address."""
