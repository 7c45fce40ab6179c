"""Ways out to people; there are none yet (docs/house.md)."""
