"""Votes: one confirmed person wants a circle in a town, and what they offer for it."""
