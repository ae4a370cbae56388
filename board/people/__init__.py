"""People: who somebody is without an account, what waits for their confirmation, roles."""
