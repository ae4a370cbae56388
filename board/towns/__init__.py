"""Towns: the gazetteer's places, the towns that ask, readiness and ranking."""
