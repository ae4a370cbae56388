"""In Your Town: residents ask for a learning circle, neighbours support it, P2PU answers."""
