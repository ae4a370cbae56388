"""The ground floor: what every feature stands on. It knows none of them."""
