"""Ways of being known: a file a method."""
