"""Is the board alive, and can it serve? For whoever watches the machine."""
