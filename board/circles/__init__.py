"""Where we're active: learning circles and libraries imported from P2PU, and which is nearest."""
