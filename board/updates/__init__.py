"""Updates: the official word of P2PU on a town, and where it stands."""
