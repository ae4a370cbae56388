"""The append-only record of what staff and moderators did."""
