"""Near-identical comments: reading them, finding what they share, keeping groups of them."""
