"""Open pages: who listens, what they are told, who is there and typing."""
