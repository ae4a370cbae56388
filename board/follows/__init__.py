"""Follows: who wants mail about a town, an area or a country. Off until asked for."""
