"""The desk: where P2PU's staff see what is most wanted and answer."""
