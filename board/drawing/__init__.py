"""The drawings as numbers: ring, street, map and markers. Pure; it stands on core alone."""
