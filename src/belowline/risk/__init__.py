"""The risk model that a check will ask; there is none yet (docs/house.md)."""
